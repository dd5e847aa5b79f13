import { type ErrorCode, Errors, isRetriable } from '../../../protocol/index.ts'

/** What a transactional producer asks coordinators for. */
export type TransactionApi = 'FindCoordinator' | 'InitProducerId' | 'AddPartitionsToTxn' | 'AddOffsetsToTxn' | 'TxnOffsetCommit' | 'EndTxn'

/**
 * What follows from an answer, from harmless to final.
 *
 *     again        the same once more, after a while
 *     elsewhere    as again, but the coordinator has to be found first
 *     refused      nothing was asked, so to say: it may be asked again later
 *     abortable    the transaction can only be aborted; another one may follow
 *     recoverable  abortable where the producer can have a new epoch (KIP-360), else final
 *     fenced       another producer has the transactional id
 *     fatal        nothing more comes of this producer
 */
export type Verdict = 'done' | 'again' | 'elsewhere' | 'refused' | 'abortable' | 'recoverable' | 'fenced' | 'fatal'

const severities: Readonly<Record<Verdict, number>> = {
  ...{ done: 0, again: 1, elsewhere: 2, refused: 3 },
  ...{ abortable: 4, recoverable: 5, fenced: 6, fatal: 7 },
}

/** Whatever is asked for. */
const common: ReadonlyMap<number, Verdict> = new Map<ErrorCode, Verdict>([
  [Errors.NONE, 'done'],
  [Errors.COORDINATOR_NOT_AVAILABLE, 'elsewhere'],
  [Errors.NOT_COORDINATOR, 'elsewhere'],
  [Errors.NETWORK_EXCEPTION, 'elsewhere'],
  [Errors.PRODUCER_FENCED, 'fenced'],
  // As coordinators said it before PRODUCER_FENCED was there.
  [Errors.INVALID_PRODUCER_EPOCH, 'fenced'],
  [Errors.TRANSACTION_ABORTABLE, 'abortable'],
])

/** As the handlers of Kafka's TransactionManager have it. */
const special: Readonly<Record<TransactionApi, ReadonlyMap<number, Verdict>>> = {
  FindCoordinator: new Map<ErrorCode, Verdict>([[Errors.GROUP_AUTHORIZATION_FAILED, 'abortable']]),
  InitProducerId: new Map<ErrorCode, Verdict>([
    [Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, 'refused'],
    [Errors.CLUSTER_AUTHORIZATION_FAILED, 'refused'],
  ]),
  AddPartitionsToTxn: new Map<ErrorCode, Verdict>([
    [Errors.UNKNOWN_PRODUCER_ID, 'recoverable'],
    [Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, 'fatal'],
    [Errors.INVALID_TXN_STATE, 'fatal'],
    [Errors.INVALID_PRODUCER_ID_MAPPING, 'fatal'],
  ]),
  AddOffsetsToTxn: new Map<ErrorCode, Verdict>([
    [Errors.UNKNOWN_PRODUCER_ID, 'recoverable'],
    [Errors.GROUP_AUTHORIZATION_FAILED, 'abortable'],
  ]),
  TxnOffsetCommit: new Map<ErrorCode, Verdict>([
    [Errors.REQUEST_TIMED_OUT, 'elsewhere'],
    [Errors.GROUP_AUTHORIZATION_FAILED, 'abortable'],
    [Errors.FENCED_INSTANCE_ID, 'abortable'],
    [Errors.UNKNOWN_MEMBER_ID, 'abortable'],
    [Errors.ILLEGAL_GENERATION, 'abortable'],
  ]),
  EndTxn: new Map<ErrorCode, Verdict>([[Errors.UNKNOWN_PRODUCER_ID, 'recoverable']]),
}

export function verdictOf(api: TransactionApi, code: number): Verdict {
  const known = special[api].get(code) ?? common.get(code)
  if (known !== undefined) return known
  if (isRetriable(code)) return 'again'
  // Partitions that could not be added are no reason to give the producer up.
  return api === 'AddPartitionsToTxn' ? 'abortable' : 'fatal'
}

/** Of an answer for many items: the code that decides. */
export function decisiveCode(api: TransactionApi, codes: readonly number[]): number {
  let decisive: number = Errors.NONE
  for (const code of codes) {
    const more = severities[verdictOf(api, code)] - severities[verdictOf(api, decisive)]
    // What was not attempted says nothing of why.
    if (more > 0 || (more === 0 && decisive === Errors.OPERATION_NOT_ATTEMPTED)) decisive = code
  }
  return decisive
}

/** Produce failures after which a transactional producer can do nothing more; after others its transaction can be aborted. */
const fatalOfProduce: ReadonlySet<number> = new Set<ErrorCode>([
  Errors.CLUSTER_AUTHORIZATION_FAILED,
  Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  Errors.PRODUCER_FENCED,
  Errors.UNSUPPORTED_VERSION,
  Errors.INVALID_PRODUCER_ID_MAPPING,
])

export const isFatalOfProduce = (code: number): boolean => fatalOfProduce.has(code)
