/** What the first four bytes of a stream tell that were taken for the size of a frame. */
export interface StrangeSize {
  readonly size: number
  /** The bytes as text where they are one, else in hexadecimal. */
  readonly bytes: string
  /** Who sent them. */
  readonly meaning: string
  readonly next: string
}

const httpClient = {
  meaning: 'an HTTP client: a browser, a health check of a load balancer, or a metrics scraper, on a port of Kafka',
  next: 'Have it ask the port that speaks HTTP; for a health check of Kafka open a TCP connection only, or call tkafka cluster health.',
}
/** By the text, or by the bytes in hexadecimal after a bracket where they are none. */
const known: readonly (readonly [pattern: RegExp, meaning: Pick<StrangeSize, 'meaning' | 'next'>])[] = [
  [/^(GET |POST|PUT |HEAD|DELE|OPTI|PATC|CONN|TRAC)$/, httpClient],
  [/^PRI $/, { meaning: 'an HTTP/2 or gRPC client on a port of Kafka', next: httpClient.next }],
  [/^HTTP$/, { meaning: 'an HTTP server: what was taken for a broker is none', next: 'Check host and port in bootstrap.servers.' }],
  [/^SSH-$/, { meaning: 'an SSH server: what was taken for a broker is none', next: 'Check host and port in bootstrap.servers.' }],
  [/^PROX$/, { meaning: 'a load balancer that sends the PROXY protocol', next: 'Turn the PROXY protocol off for this listener.' }],
  [
    /^\(1603/,
    {
      meaning: 'a TLS client on a listener without TLS',
      next: 'Set security.protocol of that client to PLAINTEXT or SASL_PLAINTEXT, or name a listener with TLS.',
    },
  ],
  [
    /^\(1[457]03/,
    { meaning: 'a listener with TLS that a client speaks to without', next: 'Set security.protocol of the client to SSL or SASL_SSL.' },
  ],
]

/** Of `Invalid receive size 1347375956` and the like. */
export function strangeSize(size: number): StrangeSize {
  const buffer = Buffer.alloc(4)
  buffer.writeInt32BE(size | 0)
  const letters = buffer.toString('latin1')
  const isText = /^[\x20-\x7e]{4}$/.test(letters)
  const bytes = isText ? letters.trim() : buffer.toString('hex')
  const found = known.find(([pattern]) => pattern.test(isText ? letters : `(${bytes}`))?.[1]
  if (found !== undefined) return { size, bytes, ...found }
  if (isText)
    return {
      size,
      bytes,
      meaning: 'text: somebody speaks another protocol',
      next: 'See which program connects from the address in the log.',
    }
  if (size >= 0 && size <= 0x7fffffff / 2)
    return {
      size,
      bytes,
      meaning: 'a frame that may be one, and is larger than allowed',
      next: 'Compare socket.request.max.bytes of the brokers with max.request.size of producers and fetch sizes of consumers.',
    }
  return {
    size,
    bytes,
    meaning: 'no size: bytes of another protocol, or of a stream that lost its place',
    next: 'See which program connects from the address in the log.',
  }
}
