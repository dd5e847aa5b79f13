import type { SaslDialogue } from './sasl.ts'
import { loginFailed } from './security-error.ts'

/** PLAIN (RFC 4616): the password as it is, so better within TLS. */
export class PlainClient implements SaslDialogue {
  #message: Buffer | undefined

  constructor(user: string, password: string) {
    this.#message = Buffer.from(`\0${user}\0${password}`)
  }

  respond(said: Uint8Array): Uint8Array | undefined {
    const message = this.#message
    this.#message = undefined
    if (message === undefined && said.length > 0) throw loginFailed('the broker asks on after PLAIN was told everything')
    return message
  }
}
