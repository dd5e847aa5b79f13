import type { Properties } from '../admin-session.ts'
import { JavaException } from '../java/exception.ts'

interface LineRecord {
  readonly topic: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: { readonly key: string; readonly value: Buffer | null }[]
}

const kafkaException = (text: string): JavaException => new JavaException('org.apache.kafka.common.KafkaException', text)

const isTrue = (text: string | undefined): boolean => text?.trim().toLowerCase() === 'true'

/** Reads `headers TAB key TAB value` as its properties say: what LineMessageReader does. @throws JavaException */
export function lineReader(properties: Properties): (line: string) => LineRecord {
  const topic = properties.topic ?? ''
  const parseKey = isTrue(properties['parse.key'])
  const parseHeaders = isTrue(properties['parse.headers'])
  const ignoreError = isTrue(properties['ignore.error'])
  const keySeparator = properties['key.separator'] ?? '\t'
  const headersDelimiter = properties['headers.delimiter'] ?? '\t'
  const headersSeparator = properties['headers.separator'] ?? ','
  const headersKeySeparator = properties['headers.key.separator'] ?? ':'
  const nullMarker = properties['null.marker']
  checkDistinct([
    ['headers.delimiter', headersDelimiter, 'headers.separator', headersSeparator],
    ['headers.delimiter', headersDelimiter, 'headers.key.separator', headersKeySeparator],
    ['headers.separator', headersSeparator, 'headers.key.separator', headersKeySeparator],
    ['null.marker', nullMarker, 'key.separator', keySeparator],
    ['null.marker', nullMarker, 'headers.separator', headersSeparator],
    ['null.marker', nullMarker, 'headers.delimiter', headersDelimiter],
    ['null.marker', nullMarker, 'headers.key.separator', headersKeySeparator],
  ])
  const betweenHeaders = new RegExp(headersSeparator)
  const bytes = (text: string): Buffer | null => (text === nullMarker ? null : Buffer.from(text))
  let number = 0

  const part = (line: string, from: number, demarcation: string, name: string): string | undefined => {
    const end = line.indexOf(demarcation, from)
    if (end >= 0) return line.slice(from, end)
    if (ignoreError) return undefined
    throw kafkaException(`No ${name} found on line number ${number}: '${line}'`)
  }

  const header = (pair: string): LineRecord['headers'][number] => {
    const end = pair.indexOf(headersKeySeparator)
    if (end < 0) {
      if (ignoreError) return { key: pair, value: null }
      throw kafkaException(`No header key separator found in pair '${pair}' on line number ${number}`)
    }
    const key = pair.slice(0, end)
    if (key === nullMarker) throw kafkaException(`Header keys should not be equal to the null marker '${nullMarker}' as they can't be null`)
    return { key, value: bytes(pair.slice(end + headersKeySeparator.length)) }
  }

  return (line) => {
    number++
    const headers = parseHeaders ? part(line, 0, headersDelimiter, 'headers delimiter') : undefined
    const keyFrom = headers === undefined ? 0 : headers.length + headersDelimiter.length
    const key = parseKey ? part(line, keyFrom, keySeparator, 'key separator') : undefined
    const valueFrom = keyFrom + (key === undefined ? 0 : key.length + keySeparator.length)
    const pairs = headers === undefined || headers === nullMarker ? [] : headers.split(betweenHeaders)
    while (pairs.length > 1 && pairs.at(-1) === '') pairs.pop()
    return { topic, key: key === undefined ? null : bytes(key), value: bytes(line.slice(valueFrom)), headers: pairs.map(header) }
  }
}

function checkDistinct(pairs: readonly (readonly [string, string | undefined, string, string])[]): void {
  for (const [name, value, otherName, other] of pairs)
    if (value === other) throw kafkaException(`${name} and ${otherName} may not be equal`)
}
