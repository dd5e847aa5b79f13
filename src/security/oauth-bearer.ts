import type { SaslDialogue } from './sasl.ts'
import { invalidSecurity, loginFailed } from './security-error.ts'

const SEPARATOR = '\x01'

/** OAUTHBEARER (RFC 7628, KIP-255): a token, and extensions that the broker may look at (KIP-342). */
export class OAuthBearerClient implements SaslDialogue {
  #message: Buffer | undefined
  #refusal: string | undefined

  /** @throws SecurityError for extensions that cannot be said */
  constructor(token: string, extensions: ReadonlyMap<string, string> = new Map()) {
    for (const [name, value] of extensions) {
      if (!/^[A-Za-z]+$/.test(name) || name === 'auth')
        throw invalidSecurity(`the SASL extension ${name} has no legal name: it takes letters`)
      if (!/^[\x21-\x7e \t\r\n]+$/.test(value)) throw invalidSecurity(`the value of the SASL extension ${name} has illegal characters`)
    }
    const said = [...extensions].map(([name, value]) => `${name}=${value}${SEPARATOR}`).join('')
    this.#message = Buffer.from(`n,,${SEPARATOR}auth=Bearer ${token}${SEPARATOR}${said}${SEPARATOR}`)
  }

  respond(said: Uint8Array): Uint8Array | undefined {
    if (this.#refusal !== undefined) throw loginFailed(`the broker refused the token: ${this.#refusal}`)
    const message = this.#message
    this.#message = undefined
    if (message !== undefined || said.length === 0) return message
    // A refusal comes as JSON, and is official only after this word of the client (RFC 7628, 3.2.3).
    this.#refusal = refusalIn(Buffer.from(said).toString())
    return Buffer.from(SEPARATOR)
  }
}

function refusalIn(said: string): string {
  try {
    const status = (JSON.parse(said) as { status?: unknown }).status
    return typeof status === 'string' ? status : 'it did not say why'
  } catch {
    return 'it did not say why'
  }
}
