/**
 * One side of a SASL dialogue: a state machine over bytes. What it is given and gives travels in SaslAuthenticate requests and answers
 * (KIP-152); errors of the protocol around it are not its matter.
 */
export interface SaslDialogue {
  /**
   * Takes what the other side said and gives what to say next; a client begins with no bytes. Undefined: nothing is left to say, and
   * whoever gives it is satisfied. @throws SecurityError
   */
  respond(said: Uint8Array): Uint8Array | undefined
}

export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER'

export const saslMechanisms: readonly SaslMechanism[] = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER']

export const nothingSaid = new Uint8Array(0)
