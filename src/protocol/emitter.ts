import { DecodeError, type Reader } from './reader.ts'
import { type Field, type Fields, inVersions, isFlexible, isTagged, NO_VERSIONS, parseVersions, type Schema } from './schema.ts'
import { EncodeError, type Writer } from './writer.ts'

/**
 * Turns a schema literal and a version into two functions, by writing their source: interpreting the schema for each message costs
 * five to seven times as much (docs/decisions). Only literals of this repository reach it, and every name that enters the source is
 * checked to be an identifier.
 *
 *     read(r)      → the message, all fields of all versions present, in the order of the schema
 *     write(w, m)  → fields in the order of the schema, then the tagged section (KIP-482)
 *
 * Exact mode differs in one thing: int64 is a bigint.
 */
export interface EmittedCodec {
  read(reader: Reader): unknown
  write(writer: Writer, message: unknown): void
}

const IDENTIFIER = /^[a-z_][A-Za-z0-9_]*$/
const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'
const FIXED_BYTES: Record<string, number> = {
  bool: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  float64: 8,
  uuid: 16,
}

const isStruct = (type: Field['type'] | string): type is Fields => typeof type === 'object' && !Array.isArray(type)
const elementOf = (type: Field['type']): string | Fields | undefined =>
  Array.isArray(type) ? ((type as readonly unknown[])[0] as string | Fields) : undefined

/** Gathers the functions of one schema version; each struct becomes one function pair. */
class Emitter {
  private readonly version: number
  private readonly exact: boolean
  private readonly flexible: boolean
  private readonly source: string[] = []
  private count = 0

  constructor(schema: Schema, version: number, exact: boolean) {
    this.version = version
    this.exact = exact
    this.flexible = isFlexible(schema, version)
  }

  emit(fields: Fields): string {
    const name = this.struct(fields)
    return `${this.source.join('\n')}\nreturn { read: r${name}, write: w${name} }`
  }

  private struct(fields: Fields): string {
    const name = String(this.count++)
    this.source.push(this.reader(name, fields), this.writer(name, fields))
    return name
  }

  /** Names of the struct functions of a field's type, made once for reading and writing. */
  private readonly structs = new Map<Fields, string>()
  private structName(fields: Fields): string {
    let name = this.structs.get(fields)
    if (name === undefined) {
      name = this.struct(fields)
      this.structs.set(fields, name)
    }
    return name
  }

  private entries(fields: Fields): [string, Field][] {
    const entries = Object.entries(fields)
    for (const [name] of entries) if (!IDENTIFIER.test(name)) throw new TypeError(`not a field name: ${name}`)
    return entries
  }
  private has(field: Field): boolean {
    return inVersions(field.versions, this.version)
  }
  private isNullable(field: Field): boolean {
    return inVersions(field.nullable, this.version)
  }
  private isCompact(field: Field): boolean {
    return field.flexible === undefined ? this.flexible : inVersions(field.flexible, this.version)
  }

  private defaultOf(field: Field): string {
    const { type } = field
    if (field.default === null) return 'null'
    if (elementOf(type) !== undefined) return '[]'
    if (isStruct(type))
      return `{ ${this.entries(type)
        .map(([name, inner]) => `${name}: ${this.defaultOf(inner)}`)
        .join(', ')} }`
    switch (type) {
      case 'bool':
        return String(field.default ?? false)
      case 'string':
        return JSON.stringify(field.default ?? '')
      case 'uuid':
        return `'${ZERO_UUID}'`
      case 'bytes':
        return 'EMPTY'
      case 'records':
        return 'null'
      case 'int64': {
        const value = BigInt((field.default as number | string | undefined) ?? 0)
        return this.exact ? `${value}n` : String(Number(value))
      }
      default:
        return String(field.default ?? 0)
    }
  }

  // --- reading

  private readScalar(type: string, compact: boolean, nullable: boolean, wide: boolean): string {
    switch (type) {
      case 'int64':
        return this.exact ? 'r.int64Exact()' : wide ? 'r.int64Wide()' : 'r.int64()'
      case 'string':
        return compact ? (nullable ? 'r.compactNullableString()' : 'r.compactString()') : nullable ? 'r.nullableString()' : 'r.string()'
      case 'bytes':
        return compact
          ? nullable
            ? 'r.compactNullableBytes()'
            : 'r.compactBytes()'
          : nullable
            ? 'r.nullableLengthPrefixed()'
            : 'r.lengthPrefixed()'
      case 'records':
        return compact ? 'r.compactNullableBytes()' : 'r.nullableLengthPrefixed()'
      default:
        return `r.${type}()`
    }
  }

  private leastBytes(type: string | Fields): number {
    if (typeof type === 'string') return FIXED_BYTES[type] ?? (type === 'string' ? (this.flexible ? 1 : 2) : this.flexible ? 1 : 4)
    let total = this.flexible ? 1 : 0
    for (const field of Object.values(type)) {
      if (!this.has(field) || isTagged(field, this.version)) continue
      if (elementOf(field.type) !== undefined) total += this.flexible ? 1 : 4
      else if (isStruct(field.type)) total += this.isNullable(field) ? 1 : this.leastBytes(field.type)
      else total += this.leastBytes(field.type as string)
    }
    return total
  }

  private readValue(field: Field, tagged: boolean): string {
    const { type } = field
    const nullable = this.isNullable(field)
    const compact = this.isCompact(field)
    const element = elementOf(type)
    if (element !== undefined) {
      const read = isStruct(element) ? `r${this.structName(element)}(r)` : this.readScalar(element, this.flexible, false, false)
      const length = `r.${compact ? 'compactArrayLength' : 'arrayLength'}(${Math.max(1, this.leastBytes(element))})`
      return `readArray(r, ${nullable ? length : `r.nonNull(${length})`}, (r) => ${read})`
    }
    if (isStruct(type)) {
      const read = `r${this.structName(type)}(r)`
      if (!nullable) return read
      return tagged ? `(r.uvarint() === 0 ? null : ${read})` : `(r.int8() < 0 ? null : ${read})`
    }
    return this.readScalar(type as string, compact, nullable, field.wide === true)
  }

  private reader(name: string, fields: Fields): string {
    const entries = this.entries(fields)
    const values = entries.map(([key, field]) =>
      this.has(field) && !isTagged(field, this.version) ? `${key}: ${this.readValue(field, false)}` : `${key}: ${this.defaultOf(field)}`,
    )
    if (!this.flexible) return `function r${name}(r) { return { ${values.join(', ')} } }`
    const cases = entries
      .filter(([, field]) => this.has(field) && isTagged(field, this.version))
      .map(([key, field]) => `case ${field.tag}: m.${key} = ${this.readValue(field, true)}; break`)
    return `function r${name}(r) {
  const m = { ${values.join(', ')} }
  for (let left = r.taggedCount(); left > 0; left--) {
    const tag = r.uvarint(), end = r.taggedEnd(r.uvarint())
    switch (tag) { ${cases.join('; ')}${cases.length > 0 ? '; ' : ''}default: (m.unknownTaggedFields ??= []).push({ tag, bytes: r.view(end - r.at) }) }
    r.expectAt(end)
  }
  return m
}`
  }

  // --- writing

  private writeScalar(type: string, value: string, compact: boolean): string {
    switch (type) {
      case 'string':
        return `w.${compact ? 'compactString' : 'string'}(${value})`
      case 'bytes':
        return `w.${compact ? 'compactBytes' : 'lengthPrefixed'}(${value})`
      case 'records':
        return `w.${compact ? 'compactRecords' : 'records'}(${value})`
      default:
        return `w.${type}(${value})`
    }
  }

  /** A statement that writes `value`, which is not undefined. */
  private writeValue(key: string, field: Field, value: string, tagged: boolean): string {
    const { type } = field
    const nullable = this.isNullable(field)
    const compact = this.isCompact(field)
    const element = elementOf(type)
    const refuseNull =
      nullable || FIXED_BYTES[type as string] !== undefined || type === 'records' ? '' : `if (${value} === null) refuseNull('${key}'); `
    if (element !== undefined) {
      const write = isStruct(element) ? `w${this.structName(element)}(w, a[i])` : this.writeScalar(element, 'a[i]', this.flexible)
      const length = compact ? 'w.uvarint(a.length + 1)' : 'w.int32(a.length)'
      const none = compact ? 'w.uvarint(0)' : 'w.int32(-1)'
      const body = `${length}; for (let i = 0; i < a.length; i++) ${write}`
      return `{ const a = ${value}; ${nullable ? `if (a === null) ${none}; else { ${body} }` : `if (a === null) refuseNull('${key}'); ${body}`} }`
    }
    if (isStruct(type)) {
      const write = `w${this.structName(type)}(w, ${value})`
      if (!nullable) return `${refuseNull}${write}`
      return tagged
        ? `if (${value} === null) w.uvarint(0); else { w.uvarint(1); ${write} }`
        : `if (${value} === null) w.int8(-1); else { w.int8(1); ${write} }`
    }
    return `${refuseNull}${this.writeScalar(type as string, value, compact)}`
  }

  /** An expression that tells whether `value`, undefined allowed, is the field's default. */
  private isDefault(field: Field, value: string): string {
    const { type } = field
    if (field.default === null) return `(${value} === undefined || ${value} === null)`
    if (elementOf(type) !== undefined || type === 'bytes') return `(${value} === undefined || (${value} !== null && ${value}.length === 0))`
    if (isStruct(type)) {
      const inner = this.entries(type).map(([key, field]) => this.isDefault(field, `${value}.${key}`))
      return `(${value} === undefined || (${value} !== null && ${inner.join(' && ') || 'true'}))`
    }
    if (type === 'int64') return `(${value} === undefined || ${value} == ${this.defaultOf(field)})`
    return `(${value} === undefined || ${value} === ${this.defaultOf(field)})`
  }

  private writer(name: string, fields: Fields): string {
    const lines: string[] = []
    const tagged: [string, Field][] = []
    for (const [key, field] of this.entries(fields)) {
      if (!this.has(field)) {
        if (field.ignorable !== true) lines.push(`if (!${this.isDefault(field, `m.${key}`)}) refuse('${key}')`)
      } else if (isTagged(field, this.version)) tagged.push([key, field])
      else {
        const value = `v${lines.length}`
        lines.push(
          `const ${value} = m.${key} === undefined ? ${this.defaultOf(field)} : m.${key}; ${this.writeValue(key, field, value, false)}`,
        )
      }
    }
    if (this.flexible) {
      tagged.sort(([, a], [, b]) => a.tag! - b.tag!)
      const flags = tagged.map(([key, field], i) => `const t${i} = !${this.isDefault(field, `m.${key}`)}`)
      const total = ['(m.unknownTaggedFields === undefined ? 0 : m.unknownTaggedFields.length)', ...tagged.map((_, i) => `(t${i} ? 1 : 0)`)]
      lines.push(...flags, `w.uvarint(${total.join(' + ')})`)
      tagged.forEach(([key, field], i) => {
        lines.push(
          `if (t${i}) { const at = w.openTagged(${field.tag}); ${this.writeValue(key, field, `m.${key}`, true)}; w.closeTagged(at) }`,
        )
      })
      lines.push('if (m.unknownTaggedFields !== undefined) w.unknownTaggedFields(m.unknownTaggedFields)')
    }
    return `function w${name}(w, m) {\n  ${lines.join('\n  ')}\n}`
  }
}

const EMPTY = Buffer.alloc(0)

const readArray = (r: Reader, length: number, read: (r: Reader) => unknown): unknown[] | null => {
  if (length < 0) return null
  const array: unknown[] = []
  for (let i = 0; i < length; i++) array.push(read(r))
  return array
}

export const emitCodec = (schema: Schema, version: number, exact: boolean): EmittedCodec => {
  const range = schema.versions === 'none' ? NO_VERSIONS : parseVersions(schema.versions)
  if (version < range.lowest || version > range.highest) {
    throw new EncodeError(`${schema.name} has no version ${version}, only ${schema.versions}`)
  }
  const refuse = (field: string): never => {
    throw new EncodeError(`${schema.name} version ${version} has no field ${field}, but it is set`)
  }
  const refuseNull = (field: string): never => {
    throw new EncodeError(`${schema.name} version ${version}: ${field} may not be null`)
  }
  const body = new Emitter(schema, version, exact).emit(schema.fields)
  return new Function('EMPTY', 'readArray', 'refuse', 'refuseNull', 'DecodeError', `'use strict'\n${body}`)(
    EMPTY,
    readArray,
    refuse,
    refuseNull,
    DecodeError,
  ) as EmittedCodec
}
