import { isScalar, type ParsedNode, type Scalar } from 'yaml'

/** A part of a file; what an empty place holds, too. */
export type Node = ParsedNode | null | undefined

/** Where it begins in the text. */
export const offsetOf = (node: Node, otherwise: number): number => node?.range?.[0] ?? otherwise
export const isNothing = (node: Node): boolean => node === null || node === undefined || (isScalar(node) && node.value === null)
/** A scalar as it is written: numbers keep their digits. Null: nothing is written. Undefined: it is no scalar. */
export function textOf(node: Node): string | null | undefined {
  if (node === null) return null
  if (!isScalar(node)) return undefined
  const { value, source } = node as Scalar
  return value === null ? null : (source ?? String(value))
}
export const listText = (items: readonly Node[]): string | undefined => {
  const texts = items.map(textOf)
  return texts.every((text) => typeof text === 'string') ? texts.join(',') : undefined
}
