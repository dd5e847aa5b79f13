import type { ItemError } from '../../client/index.ts'
import { Errors, errorName, KafkaError } from '../../protocol/index.ts'
import { javaErrorOf } from './errors.ts'
import { executionException, JavaException } from './exception.ts'

/** What the client says before what the broker said. */
const clientPrefix = /^(?:Describe|List|Unregister|Add|Remove|Elect|Alter|Update|Create|Renew|Expire|Delete)\w*(?: [^:']*)?: /

/** Of a record that was not taken. */
const ofPartition = /^[\w.-]+-\d+: /

/** What the client says in its own words where Java's has none but those of the code. */
const ownWords = /^(?:topic \S* does not exist|there is no partition \S+|\S+ has no leader|group \S* does not exist)$/

/** What the client says of an API that a broker does not have. */
const missingApi = /^(\w+) is needed in a version from .* does not offer it$/

/** `StreamsGroupDescribe` as Java calls it: STREAMS_GROUP_DESCRIBE. */
const constantOf = (api: string): string => api.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()

/** As Java's client would throw it: the class of the code, the words of the broker, else those that come with the code. */
export function exceptionOf(code: number, message: string | null | undefined): JavaException {
  const known = javaErrorOf(code)
  const api = missingApi.exec(message ?? '')?.[1]
  if (api !== undefined) return new JavaException(known.type, `The node does not support ${constantOf(api)}`)
  const isSaid = message !== null && message !== undefined && message !== '' && message !== errorName(code) && !ownWords.test(message)
  return new JavaException(known.type, isSaid ? message : known.message)
}

export const itemException = (error: ItemError): JavaException => exceptionOf(error.code, error.message)

export const timeoutException = (text: string): JavaException => new JavaException('org.apache.kafka.common.errors.TimeoutException', text)

/**
 * A failure of this client in Java's terms. Java does not tell of single connections: what was not answered is a call that timed out,
 * named as the admin client names it.
 */
export function clientException(error: unknown, callName: string): JavaException {
  if (error instanceof JavaException) return error
  if (!(error instanceof KafkaError)) throw error
  if (error.code === Errors.NETWORK_EXCEPTION || error.code === Errors.REQUEST_TIMED_OUT || error.code === Errors.BROKER_NOT_AVAILABLE)
    return timeoutException(`Timed out waiting for a node assignment. Call: ${callName}`)
  return exceptionOf(error.code, error.message.replace(clientPrefix, '').replace(ofPartition, ''))
}

/** The answer of the cluster, or an ExecutionException of what went wrong. */
export async function answered<T>(callName: string, question: Promise<T>): Promise<T> {
  try {
    return await question
  } catch (error) {
    throw executionException(clientException(error, callName))
  }
}

interface Result<I, V> {
  readonly item: I
  readonly error: ItemError | null
  readonly value: V | null
}

/** The failure of one of many, as its future would throw it. */
export function resultException(error: ItemError, callName: string): JavaException {
  const isUnreached = error.code === Errors.NETWORK_EXCEPTION || error.code === Errors.BROKER_NOT_AVAILABLE
  return isUnreached ? timeoutException(`Timed out waiting for a node assignment. Call: ${callName}`) : itemException(error)
}

/** All values; the first failure is thrown, as all().get() does. */
export async function allAnswered<I, V>(callName: string, question: Promise<readonly Result<I, V>[]>): Promise<V[]> {
  const results = await answered(callName, question)
  const failed = results.find(({ error }) => error !== null)
  if (failed !== undefined) throw executionException(resultException(failed.error!, callName))
  return results.map(({ value }) => value as V)
}
