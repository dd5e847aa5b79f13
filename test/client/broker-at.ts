/**
 * The suites of this folder run against any cluster: each takes a `BrokerAt`, whose address is known once `before` has run.
 * `against-apache.test.ts` gives them Apache Kafka; `TKAFKA_TEST_BROKER=host:port` any broker that runs already.
 */
export interface BrokerAt {
  /** `host:port`. Not before the tests run. */
  bootstrap: string
}

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
