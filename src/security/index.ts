/**
 * security: who someone is and how that is shown. SASL dialogues as state machines over bytes, the settings that they and TLS obey, key
 * stores as Java writes them. Principals and access decisions have their place here and are not there yet.
 *
 * Invariants: a dialogue does no I/O and never sees a socket; no error text holds a secret.
 */
export { type JaasModule, parseJaas } from './jaas.ts'
export { type KeyEntry, type KeyStore, KeyStoreError, openKeyStore } from './key-store.ts'
export { nothingSaid, type SaslDialogue, type SaslMechanism, saslMechanisms } from './sasl.ts'
export { type SaslLogin, type SaslSettings, saslLogin } from './sasl-login.ts'
export {
  ScramClient,
  type ScramClientOptions,
  type ScramCredential,
  type ScramMechanism,
  ScramServer,
  type ScramServerOptions,
  scramCredential,
} from './scram.ts'
export { SecurityError } from './security-error.ts'
export { type TlsSettings, tlsOptions } from './tls-options.ts'
