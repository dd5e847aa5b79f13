import { type Field, type Fields, inVersions, type Schema } from '../../src/protocol/index.ts'

export type Leaf = (name: string, path: string) => unknown

/**
 * A message with every field of a version set: one element in every array, texts and numbers from `leaf` by the name of their field,
 * where it has none a value of the field's type that means nothing.
 */
export const filledMessage = (schema: Schema, version: number, leaf: Leaf): object => fill(schema.fields, version, leaf, '')

const fill = (fields: Fields, version: number, leaf: Leaf, path: string): Record<string, unknown> => {
  const filled: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) {
    if (!inVersions(field.versions, version)) continue
    const chosen = leaf(name, `${path}${name}`)
    filled[name] = chosen === undefined ? standIn(field, version, leaf, `${path}${name}`) : chosen
  }
  return filled
}

const standIn = (field: Field, version: number, leaf: Leaf, path: string): unknown => {
  const { type } = field
  if (Array.isArray(type)) {
    const [element] = type
    if (typeof element === 'object') return [fill(element, version, leaf, `${path}.`)]
    return [leaf(`${path.slice(path.lastIndexOf('.') + 1)}[]`, `${path}[]`) ?? scalarOf(element)]
  }
  if (typeof type === 'object') return fill(type as Fields, version, leaf, `${path}.`)
  // Numbers beyond 2^53 are defaults that only the codec can say.
  if (typeof field.default === 'string' && type !== 'string') return undefined
  return field.default ?? scalarOf(type as string)
}

const scalarOf = (type: string): unknown => {
  switch (type) {
    case 'bool':
      return true
    case 'uuid':
      return 'AAAAAAAAAAAAAAAAAAAAAQ'
    case 'string':
      return 'filled'
    case 'bytes':
    case 'records':
      return Buffer.from('filled')
    default:
      return 1
  }
}
