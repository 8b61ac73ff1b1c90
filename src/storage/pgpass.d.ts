/** Looks up a password in the file that all PostgreSQL programs share: `PGPASSFILE`, else `~/.pgpass`. */
declare module "pgpass" {
  export default function pgPass(
    connection: {
      readonly host: string;
      readonly port: number;
      readonly database: string;
      readonly user: string;
    },
    done: (password: string | undefined) => void,
  ): void;
}
