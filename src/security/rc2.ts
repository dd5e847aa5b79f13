/** RC2 (RFC 2268), deciphering only: key stores of Java 8 keep certificates under it, and OpenSSL has put it away. Never for anything new. */

/** A permutation of all bytes, made from the digits of pi (RFC 2268, 2). */
const piTable = Buffer.from(
  'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82' +
    '54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb6266fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7' +
    '08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ecc2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731' +
    '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a90d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad',
  'hex',
)

const rotations = [1, 2, 3, 5] as const
const blockBytes = 8

/** CBC with padding (PKCS 5). The key has as many bits as it is long. @throws RangeError when bytes or padding are impossible */
export function decipherRc2(key: Buffer, iv: Buffer, enciphered: Buffer): Buffer {
  if (enciphered.length === 0 || enciphered.length % blockBytes !== 0) throw new RangeError('not a number of whole blocks')
  const words = expandKey(key)
  const plain = Buffer.alloc(enciphered.length)
  let before = iv
  for (let at = 0; at < enciphered.length; at += blockBytes) {
    const block = enciphered.subarray(at, at + blockBytes)
    decipherBlock(words, block, plain, at)
    for (let index = 0; index < blockBytes; index++) plain[at + index]! ^= before[index] as number
    before = block
  }
  const padding = plain.at(-1) as number
  const padded = plain.subarray(plain.length - padding)
  if (padding < 1 || padding > blockBytes || padded.some((byte) => byte !== padding)) throw new RangeError('wrong padding')
  return plain.subarray(0, plain.length - padding)
}

function expandKey(key: Buffer): Uint16Array {
  const bytes = new Uint8Array(128)
  bytes.set(key)
  for (let index = key.length; index < 128; index++)
    bytes[index] = piTable[((bytes[index - 1] as number) + (bytes[index - key.length] as number)) & 0xff] as number
  const first = 128 - key.length
  bytes[first] = piTable[bytes[first] as number] as number
  for (let index = first - 1; index >= 0; index--)
    bytes[index] = piTable[(bytes[index + 1] as number) ^ (bytes[index + key.length] as number)] as number
  return Uint16Array.from({ length: 64 }, (_, index) => (bytes[2 * index] as number) | ((bytes[2 * index + 1] as number) << 8))
}

/** Five rounds of mixing, one of mashing, six, one, five; all backwards. */
function decipherBlock(words: Uint16Array, block: Buffer, into: Buffer, at: number): void {
  const r = Uint16Array.from({ length: 4 }, (_, index) => block.readUInt16LE(2 * index))
  for (let round = 15; round >= 0; round--) {
    for (let index = 3; index >= 0; index--) {
      const shift = rotations[index] as number
      const value = r[index] as number
      const [one, two, three] = [r[(index + 3) & 3] as number, r[(index + 2) & 3] as number, r[(index + 1) & 3] as number]
      r[index] = ((value >>> shift) | (value << (16 - shift))) - (words[4 * round + index] as number) - (one & two) - (~one & three)
    }
    if (round !== 5 && round !== 11) continue
    for (let index = 3; index >= 0; index--) r[index]! -= words[(r[(index + 3) & 3] as number) & 63] as number
  }
  for (let index = 0; index < 4; index++) into.writeUInt16LE(r[index] as number, at + 2 * index)
}
