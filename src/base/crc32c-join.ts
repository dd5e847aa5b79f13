/** The polynomial of CRC-32C, reflected: the coefficient of x^0 is the highest bit. */
const POLYNOMIAL = 0x82f63b78
const ONE = 0x80000000

/** x^(2^k) modulo the polynomial. */
const squares = squaresOfX()

function squaresOfX(): number[] {
  const all = [0x40000000]
  while (all.length < 32) all.push(product(all.at(-1)!, all.at(-1)!))
  return all
}

function product(a: number, b: number): number {
  let sum = 0
  let shifted = b
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) sum ^= shifted
    shifted = (shifted & 1) === 0 ? shifted >>> 1 : (shifted >>> 1) ^ POLYNOMIAL
  }
  return sum >>> 0
}

/** What so many bytes behind a piece do to its CRC-32C; for `joinCrc32c`. */
export function crc32cShift(bytes: number): number {
  let shift = ONE
  // Eight bits a byte: the powers begin at x^(2^3).
  for (let left = bytes, k = 3; left > 0; left = Math.floor(left / 2), k++) if (left % 2 === 1) shift = product(squares[k % 32]!, shift)
  return shift
}

/** CRC-32C of two pieces one after the other, of the sum of each and the shift of the second one's length: no byte is looked at. */
export function joinCrc32c(first: number, second: number, shift: number): number {
  return (product(shift, first) ^ second) >>> 0
}
