import { Errors, KafkaError } from '../protocol/index.ts'

/** Bytes that do not say what they claim: a checksum, a length, a compressed stream. */
export const corruptRecord = (message: string): KafkaError => new KafkaError(Errors.CORRUPT_MESSAGE, message)
/** Bytes that arrived as sent, but break a rule of the format. */
export const invalidRecord = (message: string): KafkaError => new KafkaError(Errors.INVALID_RECORD, message)
/** More bytes than the reader is willing to unpack. */
export const tooLarge = (message: string): KafkaError => new KafkaError(Errors.MESSAGE_TOO_LARGE, message)
