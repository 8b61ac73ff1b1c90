let loading: string | undefined;

/** The module that is being loaded: if the process ends meanwhile, the module ended it. */
export const loadingModule = (): string | undefined => loading;

/** Loads a module, which {@link loadingModule} names until it is loaded. */
export async function whileLoading<Result>(specifier: string, load: () => Promise<Result>): Promise<Result> {
  loading = specifier;
  try {
    return await load();
  } finally {
    loading = undefined;
  }
}
