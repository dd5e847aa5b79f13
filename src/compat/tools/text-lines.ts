/** The lines of a text in UTF-8, ended by \n, \r or \r\n as a BufferedReader ends them. Ends early when told to stop. */
export async function* textLines(input: AsyncIterable<Uint8Array>, stop: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  const ended = new Promise<IteratorResult<Uint8Array>>((resolve) =>
    stop.addEventListener('abort', () => resolve({ done: true, value: undefined }), { once: true }),
  )
  const chunks = input[Symbol.asyncIterator]()
  while (!stop.aborted) {
    const { done, value } = await Promise.race([chunks.next(), ended])
    if (done === true) break
    rest += decoder.decode(value, { stream: true })
    // A \r at the end may be half of a \r\n.
    const whole = rest.endsWith('\r') ? rest.slice(0, -1) : rest
    const lines = whole.split(/\r\n|\n|\r/)
    rest = (lines.pop() ?? '') + rest.slice(whole.length)
    yield* lines
  }
  const last = (rest + decoder.decode()).split(/\r\n|\n|\r/)
  if (last.at(-1) === '') last.pop()
  if (!stop.aborted) yield* last
}
