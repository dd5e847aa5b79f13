import { Errors, KafkaError } from '../protocol/index.ts'

/** What stands in the way of a secure connection: Kafka's code, and what to do next. Its texts never hold a secret. */
export class SecurityError extends KafkaError {
  override name = 'SecurityError'
  /** The next thing to look at, a sentence; empty when the message says it all. */
  readonly hint: string

  constructor(code: number, message: string, hint = '', cause?: unknown) {
    super(code, message, cause === undefined ? undefined : { cause })
    this.hint = hint
  }
}

export function invalidSecurity(message: string, hint = '', cause?: unknown): SecurityError {
  return new SecurityError(Errors.INVALID_CONFIG, message, hint, cause)
}

/** A login that went wrong on this side: the peer said what no honest peer says. */
export function loginFailed(message: string, hint = ''): SecurityError {
  return new SecurityError(Errors.SASL_AUTHENTICATION_FAILED, message, hint)
}
