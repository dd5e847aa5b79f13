/** String.hashCode of Java: over UTF-16 units, signed 32 bits. */
export function javaStringHash(text: string): number {
  let hash = 0
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0
  return hash
}

/** Kafka's Utils.abs: the absolute value, except that the smallest int32 becomes 0. */
export function javaAbs(value: number): number {
  return value === -0x80000000 ? 0 : Math.abs(value)
}
