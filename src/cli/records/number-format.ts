import { usageFault } from '../fault.ts'
import type { ByteOut } from './byte-out.ts'

type NumberPrinter = (out: ByteOut, value: number | bigint) => void

/** How a number is written: digits, or big64, little32, hex16, byte, bool as rpk names them. @throws Fault (usage) */
export function numberFormat(modifier: string | undefined): NumberPrinter {
  if (modifier === undefined || modifier === 'ascii' || modifier === 'number') return (out, value) => out.text(String(value))
  if (modifier === 'bool') return (out, value) => out.text(value === 0 || value === 0n ? 'false' : 'true')
  const fixed = fixedNumber(modifier)
  if (fixed !== undefined) {
    return (out, value) => {
      const bytes = Buffer.alloc(8)
      bytes.writeBigInt64BE(BigInt.asIntN(64, BigInt(value)))
      const part = bytes.subarray(8 - fixed.bytes)
      out.bytes(fixed.little ? Buffer.from(part).reverse() : part)
    }
  }
  const hex = /^hex(64|32|16|8|4)$/.exec(modifier)
  if (hex === null) {
    throw usageFault(
      `format: there is no modifier ${modifier}`,
      'Known for numbers are ascii, hex64 to hex4, big64 to big8, little64 to little8, byte, bool.',
    )
  }
  const digits = Number(hex[1]) / 4
  return (out, value) => out.text(BigInt.asUintN(Number(hex[1]), BigInt(value)).toString(16).padStart(digits, '0'))
}

/** A number of so many bytes; undefined: it has no fixed size. */
export function fixedNumber(modifier: string | undefined): { readonly bytes: number; readonly little: boolean } | undefined {
  if (modifier === 'byte') return { bytes: 1, little: false }
  const match = /^(big|little)(64|32|16|8)$/.exec(modifier ?? '')
  return match === null ? undefined : { bytes: Number(match[2]) / 8, little: match[1] === 'little' }
}
