/** A broken contract inside tkafka. Never thrown for bad input: a node that meets one logs it and stops. */
export class AssertionError extends Error {
  override name = 'AssertionError'
}

/** States a contract; stays on in production. */
export function assert(condition: unknown, contract: string): asserts condition {
  if (!condition) throw new AssertionError(contract)
}

/** Marks the arm of a switch that the types rule out. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${String(value)}`)
}
