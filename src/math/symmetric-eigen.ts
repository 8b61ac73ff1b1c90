/** Eigenvalues of a symmetric matrix in no particular order, each with its vector. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  /** Row i is the vector of value i; the rows are orthonormal. */
  readonly vectors: Float64Array;
}

/** How often one eigenvalue may be refined; it converges cubically, mostly within three. */
const MOST_TURNS = 60;

/** A symmetric matrix made tridiagonal by an orthogonal change of basis. */
interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** Entry i is beside the diagonal, between i and i + 1; the last is 0. */
  readonly beside: Float64Array;
  /** Row i is the i-th vector of the basis. */
  readonly basis: Float64Array;
}

/** Reflects a copy of the matrix, one column after the other, so that all but three diagonals vanish (Householder). */
function tridiagonalOf(matrix: Float64Array, size: number): Tridiagonal {
  const a = Float64Array.from(matrix);
  const diagonal = new Float64Array(size);
  const beside = new Float64Array(size);
  const basis = new Float64Array(size * size);
  for (let i = 0; i < size; i++) basis[i * size + i] = 1;
  const mirror = new Float64Array(size);
  const image = new Float64Array(size);
  for (let k = 0; k + 2 < size; k++) {
    const row = k * size;
    let most = 0;
    for (let i = k + 1; i < size; i++) most = Math.max(most, Math.abs(a[row + i] ?? 0));
    if (most === 0) continue;
    let square = 0;
    for (let i = k + 1; i < size; i++) {
      const part = (a[row + i] ?? 0) / most;
      mirror[i] = part;
      square += part * part;
    }
    const first = mirror[k + 1] ?? 0;
    const length = first > 0 ? -Math.sqrt(square) : Math.sqrt(square);
    mirror[k + 1] = first - length;
    // Half of the squared length of the mirror's normal.
    const half = square - first * length;
    if (half === 0) continue;
    let along = 0;
    for (let i = k + 1; i < size; i++) {
      const from = i * size;
      let sum = 0;
      for (let j = k + 1; j < size; j++) sum += (a[from + j] ?? 0) * (mirror[j] ?? 0);
      image[i] = sum / half;
      along += (mirror[i] ?? 0) * sum;
    }
    const share = along / (2 * half * half);
    for (let i = k + 1; i < size; i++) image[i] = (image[i] ?? 0) - share * (mirror[i] ?? 0);
    for (let i = k + 1; i < size; i++) {
      const from = i * size;
      const [u, w] = [mirror[i] ?? 0, image[i] ?? 0];
      for (let j = k + 1; j < size; j++)
        a[from + j] = (a[from + j] ?? 0) - u * (image[j] ?? 0) - w * (mirror[j] ?? 0);
    }
    a[row + k + 1] = length * most;
    // The basis is reflected too: its rows from k + 1 on are mixed.
    image.fill(0);
    for (let i = k + 1; i < size; i++) {
      const from = i * size;
      const part = mirror[i] ?? 0;
      for (let j = 0; j < size; j++) image[j] = (image[j] ?? 0) + part * (basis[from + j] ?? 0);
    }
    for (let i = k + 1; i < size; i++) {
      const from = i * size;
      const part = (mirror[i] ?? 0) / half;
      for (let j = 0; j < size; j++) basis[from + j] = (basis[from + j] ?? 0) - part * (image[j] ?? 0);
    }
  }
  for (let i = 0; i < size; i++) {
    diagonal[i] = a[i * size + i] ?? 0;
    if (i + 1 < size) beside[i] = a[i * size + i + 1] ?? 0;
  }
  return { diagonal, beside, basis };
}

/** Turns two neighbouring rows of a square matrix in their plane. */
function turnRows(matrix: Float64Array, size: number, row: number, cosine: number, sine: number): void {
  const from = row * size;
  for (let at = from; at < from + size; at++) {
    const [here, next] = [matrix[at] ?? 0, matrix[at + size] ?? 0];
    matrix[at + size] = sine * here + cosine * next;
    matrix[at] = cosine * here - sine * next;
  }
}

/**
 * Eigenvalues and vectors of a symmetric matrix: reflections to tridiagonal form, then QL steps with implicit shifts
 * (Golub and Van Loan, "Matrix computations", chapter 8). About 10 size³ operations; errors are of the order of the
 * largest eigenvalue's rounding. Everything runs along rows, so that matrices of some hundred rows take milliseconds.
 *
 * @param matrix by rows; only symmetric ones make sense, and all numbers must be finite
 * @param size how many rows and columns
 */
export function symmetricEigen(matrix: Float64Array, size: number): SymmetricEigen {
  const { diagonal: d, beside: e, basis } = tridiagonalOf(matrix, size);
  /** The end of the block from `first` that a negligible entry separates from what follows. */
  const blockEnd = (first: number): number => {
    let end = first;
    while (end + 1 < size) {
      const scale = Math.abs(d[end] ?? 0) + Math.abs(d[end + 1] ?? 0);
      if (Math.abs(e[end] ?? 0) <= Number.EPSILON * scale) break;
      end += 1;
    }
    return end;
  };
  for (let first = 0; first < size; first++) {
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      const end = blockEnd(first);
      if (end === first) break;
      const beside = e[first] ?? 0;
      const half = ((d[first + 1] ?? 0) - (d[first] ?? 0)) / (2 * beside);
      const root = Math.hypot(half, 1);
      // The eigenvalue of the first two rows that is nearer to the first entry.
      let g = (d[end] ?? 0) - (d[first] ?? 0) + beside / (half + (half < 0 ? -root : root));
      let [sine, cosine, shift] = [1, 1, 0];
      let row = end - 1;
      for (; row >= first; row--) {
        const across = sine * (e[row] ?? 0);
        const along = cosine * (e[row] ?? 0);
        const length = Math.hypot(across, g);
        e[row + 1] = length;
        if (length === 0) break;
        sine = across / length;
        cosine = g / length;
        const least = (d[row + 1] ?? 0) - shift;
        const sum = ((d[row] ?? 0) - least) * sine + 2 * cosine * along;
        shift = sine * sum;
        d[row + 1] = least + shift;
        g = cosine * sum - along;
        turnRows(basis, size, row, cosine, sine);
      }
      if (row >= first) {
        // The block fell apart in between.
        d[row + 1] = (d[row + 1] ?? 0) - shift;
      } else {
        d[first] = (d[first] ?? 0) - shift;
        e[first] = g;
      }
      e[end] = 0;
    }
  }
  return { values: d, vectors: basis };
}
