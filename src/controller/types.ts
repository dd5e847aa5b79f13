import type { Random } from '../host/index.ts'
import type { MetadataRecord } from '../metadata/index.ts'
import { type ErrorCode, Errors, errorText } from '../protocol/index.ts'

/** An error of Kafka's table with what it says about this case; a null message leaves the client to its own text. */
export interface ApiError {
  readonly code: ErrorCode
  readonly message: string | null
}
export const apiError = (code: ErrorCode, message: string | null = null): ApiError => ({ code, message })

/** An error that Kafka tells with its general text. */
export const generalError = (code: ErrorCode): ApiError => apiError(code, errorText(code))

/** The fields in which most answers carry an error. */
export const errorFields = (error: ApiError | undefined): { errorCode: number; errorMessage: string | null } => ({
  errorCode: error?.code ?? Errors.NONE,
  errorMessage: error?.message ?? null,
})

/** What a decider says: records for the metadata log, and the answer once they are committed. */
export interface Decision<A> {
  readonly records: readonly MetadataRecord[]
  readonly answer: A
  /** True: a failover may find some of the records only. */
  readonly divisible?: boolean
}
export const answerOnly = <A>(answer: A): Decision<A> => ({ records: [], answer })

export type Operation = 'CREATE' | 'DELETE' | 'DESCRIBE' | 'ALTER' | 'ALTER_CONFIGS' | 'DESCRIBE_CONFIGS' | 'CLUSTER_ACTION'
export type ResourceKind = 'TOPIC' | 'GROUP' | 'CLUSTER'
export const CLUSTER_NAME = 'kafka-cluster'

/** Who asks, and with what. */
export interface RequestContext {
  readonly apiVersion: number
  /** Monotonic milliseconds. */
  readonly nowMs: number
  readonly random: Random
  /** It came through a broker, which has checked what only it can check. */
  readonly isForwarded: boolean
  allows(operation: Operation, kind: ResourceKind, name: string): boolean
  /** Controller mutation quota (KIP-599): the error when creating or deleting that many partitions has to wait. */
  chargePartitions?(count: number): ApiError | undefined
}

/**
 * Most records that one request of a user may make. Beyond it the request is refused as a whole, but for those whose items stand for
 * themselves in Kafka: of these what fits is done, and each of the rest has `leftOut`.
 */
export const RECORDS_PER_REQUEST_MAX = 10_000
export const leftOut: ApiError = apiError(Errors.UNKNOWN_SERVER_ERROR)
export const tooManyRecords = (records: readonly unknown[]): ApiError | undefined =>
  records.length > RECORDS_PER_REQUEST_MAX
    ? apiError(Errors.POLICY_VIOLATION, 'Unable to perform excessively large batch operation.')
    : undefined
