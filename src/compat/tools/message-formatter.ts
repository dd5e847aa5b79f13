import type { RecordChunk } from '../../client/index.ts'
import type { Properties } from '../admin-session.ts'
import { coordinatorJson } from '../coordinator-records.ts'
import { JavaException } from '../java/exception.ts'
import { doubleText } from '../java/number-text.ts'
import { logException, type ToolIo } from '../tool.ts'

/** A chunk of a consumer, or of one in a share group: that one tells how often a record was delivered. */
export type FormattedChunk = Pick<RecordChunk, 'cursor' | 'partition' | 'isLogAppendTime'> & { readonly deliveryCount?: number }

/** The bytes to print for the current record of a chunk. */
export type Formatter = (chunk: FormattedChunk) => Buffer

const home = 'org.apache.kafka.tools.consumer.'
const nothing = Buffer.alloc(0)

/** The formatter of that class. @throws JavaException for one that is not there */
export async function messageFormatter(className: string, settings: Properties, io: ToolIo): Promise<Formatter> {
  switch (className.startsWith(home) ? className.slice(home.length) : '') {
    case 'DefaultMessageFormatter':
    // What it logs besides is of a level that is not shown.
    case 'LoggingMessageFormatter':
      return defaultFormatter(settings, io)
    case 'NoOpMessageFormatter':
      return () => nothing
    case 'OffsetsMessageFormatter':
      return coordinatorFormatter(await coordinatorJson('offsets'), (type) => type === 0 || type === 1)
    case 'GroupMetadataMessageFormatter':
      return coordinatorFormatter(await coordinatorJson('offsets'), (type) => type >= 2)
    case 'TransactionLogMessageFormatter':
      return coordinatorFormatter(await coordinatorJson('txn'), () => true)
    case 'ShareGroupStateMessageFormatter':
    case 'ShareGroupMessageFormatter':
      return coordinatorFormatter(await coordinatorJson('share'), () => true)
    default:
      throw new JavaException('java.lang.ClassNotFoundException', className)
  }
}

function coordinatorFormatter(toJson: Awaited<ReturnType<typeof coordinatorJson>>, isWanted: (type: number) => boolean): Formatter {
  return ({ cursor }) => {
    const key = cursor.key()
    const decoded = key === null ? undefined : toJson(key, cursor.value())
    return decoded === undefined || !isWanted(decoded.type) ? nothing : Buffer.from(decoded.json)
  }
}

type Deserializer = (bytes: Buffer) => string

const serialization = 'org.apache.kafka.common.serialization.'

/** A number of a fixed size. */
const fixed =
  (size: number, name: string, read: (bytes: Buffer) => string): Deserializer =>
  (bytes) => {
    if (bytes.length !== size)
      throw new JavaException('org.apache.kafka.common.errors.SerializationException', `Size of data received by ${name} is not ${size}`)
    return read(bytes)
  }

const deserializers: Readonly<Record<string, Deserializer>> = {
  StringDeserializer: (bytes) => bytes.toString('utf8'),
  LongDeserializer: fixed(8, 'LongDeserializer', (bytes) => String(bytes.readBigInt64BE())),
  IntegerDeserializer: fixed(4, 'IntegerDeserializer', (bytes) => String(bytes.readInt32BE())),
  ShortDeserializer: fixed(2, 'ShortDeserializer', (bytes) => String(bytes.readInt16BE())),
  DoubleDeserializer: fixed(8, 'Deserializer', (bytes) => doubleText(bytes.readDoubleBE())),
  BooleanDeserializer: fixed(1, 'BooleanDeserializer', (bytes) => String(bytes[0] === 1)),
  UUIDDeserializer: (bytes) => bytes.toString('utf8').toLowerCase(),
}

async function deserializerOf(settings: Properties, key: string, io: ToolIo): Promise<Deserializer | undefined> {
  const name = settings[key]
  if (name === undefined) return undefined
  const known = name.startsWith(serialization) ? deserializers[name.slice(serialization.length)] : undefined
  if (known === undefined) {
    const exception = new JavaException('java.lang.ClassNotFoundException', name)
    await logException(io, `Unable to instantiate a deserializer from ${name}`, exception, `${home}DefaultMessageFormatter`)
  }
  return known
}

async function defaultFormatter(settings: Properties, io: ToolIo): Promise<Formatter> {
  const isOn = (key: string, otherwise = false): boolean =>
    settings[key]?.trim().toLowerCase() === 'true' || (otherwise && settings[key] === undefined)
  const bytes = (key: string, otherwise: string): Buffer => Buffer.from(settings[key] ?? otherwise)
  const between = bytes('key.separator', '\t')
  const lineEnd = bytes('line.separator', '\n')
  const betweenHeaders = bytes('headers.separator', ',')
  const nullLiteral = bytes('null.literal', 'null')
  const content = (value: Buffer | null, deserializer: Deserializer | undefined): Buffer => {
    const known = value ?? nullLiteral
    return deserializer === undefined ? known : Buffer.from(deserializer(known))
  }
  const ofKey = await deserializerOf(settings, 'key.deserializer', io)
  const ofValue = await deserializerOf(settings, 'value.deserializer', io)
  const ofHeaders = await deserializerOf(settings, 'headers.deserializer', io)
  const headersText = ({ cursor }: FormattedChunk): Buffer => {
    const headers = cursor.headers()
    if (headers.length === 0) return Buffer.from('NO_HEADERS')
    return joined(
      headers.map(({ key, value }) => Buffer.concat([Buffer.from(`${key}:`), content(value, ofHeaders)])),
      betweenHeaders,
    )
  }
  const columns: Formatter[] = []
  const column = (isShown: boolean, text: Formatter): void => void (isShown && columns.push(text))
  column(isOn('print.timestamp'), (chunk) => {
    const { timestamp } = chunk.cursor
    return Buffer.from(timestamp === -1 ? 'NO_TIMESTAMP' : `${chunk.isLogAppendTime ? 'LogAppendTime' : 'CreateTime'}:${timestamp}`)
  })
  column(isOn('print.partition'), ({ partition }) => Buffer.from(`Partition:${partition}`))
  column(isOn('print.offset'), ({ cursor }) => Buffer.from(`Offset:${cursor.offset}`))
  column(isOn('print.delivery'), ({ deliveryCount = 'NOT_PRESENT' }) => Buffer.from(`Delivery:${deliveryCount}`))
  // No tool hands this to its formatter.
  column(isOn('print.epoch'), () => Buffer.from('Epoch:NOT_PRESENT'))
  column(isOn('print.headers'), headersText)
  column(isOn('print.key'), ({ cursor }) => content(cursor.key(), ofKey))
  column(isOn('print.value', true), ({ cursor }) => content(cursor.value(), ofValue))
  return (chunk) => {
    const parts = columns.map((text) => text(chunk))
    return parts.length === 0 ? nothing : Buffer.concat([joined(parts, between), lineEnd])
  }
}

function joined(parts: readonly Buffer[], separator: Buffer): Buffer {
  return Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part])))
}
