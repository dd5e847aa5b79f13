/**
 * Which broker the client's tests talk to: any Kafka cluster. `TKAFKA_TEST_BROKER=host:port` names one that runs; without it the tests
 * that need a broker are skipped and say so.
 */
export const brokerAt: string | undefined = process.env.TKAFKA_TEST_BROKER

export const skip: string | false = brokerAt === undefined ? 'no broker: set TKAFKA_TEST_BROKER=host:port' : false

let count = 0
/** A name that no other test and no earlier run uses. */
export function freshName(prefix: string): string {
  return `${prefix}-${Date.now().toString(36)}-${process.pid}-${count++}`
}

/** Looks until it is so; a condition that never comes fails the test. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
