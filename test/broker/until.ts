/** Waits for a condition, looked at after every turn of the loop; fails with what was waited for when the deadline passes. */
export const until = async (condition: () => boolean | Promise<boolean>, what: string, limitMs = 10_000): Promise<void> => {
  const endMs = performance.now() + limitMs
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`not within ${limitMs} ms: ${what}`)
    await new Promise<void>((resolve) => void setImmediate(resolve))
  }
}
