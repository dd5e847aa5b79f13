import type { Host } from '../host/index.ts'
import { BearerTokens, bearerExtensions, type OAuthSettings } from './bearer-tokens.ts'
import { type JaasModule, parseJaas } from './jaas.ts'
import { OAuthBearerClient } from './oauth-bearer.ts'
import { PlainClient } from './plain.ts'
import { type SaslDialogue, type SaslMechanism, saslMechanisms } from './sasl.ts'
import { ScramClient } from './scram.ts'
import { invalidSecurity, type SecurityError } from './security-error.ts'

/** Kafka's names, as texts. */
export interface SaslSettings extends OAuthSettings {
  readonly 'sasl.mechanism': string
  readonly 'sasl.jaas.config': string | null
  readonly 'sasl.client.callback.handler.class': string | null
  readonly 'sasl.login.class': string | null
}

const mechanismOf: Readonly<Record<string, SaslMechanism>> = {
  PlainLoginModule: 'PLAIN',
  ScramLoginModule: 'SCRAM-SHA-512',
  OAuthBearerLoginModule: 'OAUTHBEARER',
}
const nonceBytes = 24

/** What a client says of itself by SASL: one for all of its connections, with a fresh dialogue for each login. */
export interface SaslLogin {
  readonly mechanism: SaslMechanism
  /** @throws SecurityError */
  dialogue(): Promise<SaslDialogue>
}

/** @throws SecurityError INVALID_CONFIG */
export function saslLogin(host: Host, settings: SaslSettings): SaslLogin {
  const mechanism = knownMechanism(settings['sasl.mechanism'])
  for (const key of ['sasl.client.callback.handler.class', 'sasl.login.class'] as const) {
    if (settings[key] !== null) throw invalidSecurity(`${key}=${settings[key]} is a class of Java, which cannot be loaded here`)
  }
  const module = loginModule(settings['sasl.jaas.config'], mechanism)
  switch (mechanism) {
    case 'PLAIN': {
      const [user, password] = [option(module, 'username'), option(module, 'password')]
      return { mechanism, dialogue: async () => new PlainClient(user, password) }
    }
    case 'SCRAM-SHA-256':
    case 'SCRAM-SHA-512': {
      const [user, password] = [option(module, 'username'), option(module, 'password')]
      const tokenAuth = module.options.get('tokenauth')?.toLowerCase() === 'true'
      const nonce = (): string => Buffer.from(host.random.bytes(nonceBytes)).toString('base64url')
      return { mechanism, dialogue: async () => new ScramClient({ mechanism, user, password, nonce: nonce(), tokenAuth }) }
    }
    case 'OAUTHBEARER': {
      const tokens = new BearerTokens(host, settings, module.options)
      const extensions = bearerExtensions(module.options)
      return { mechanism, dialogue: async () => new OAuthBearerClient(await tokens.token(), extensions) }
    }
  }
}

function knownMechanism(given: string): SaslMechanism {
  const known = saslMechanisms.find((each) => each === given)
  if (known !== undefined) return known
  const legal = saslMechanisms.join(', ')
  if (given !== 'GSSAPI') throw invalidSecurity(`sasl.mechanism=${given} is not legal: expected one of ${legal}`)
  throw invalidSecurity(
    'sasl.mechanism=GSSAPI (Kerberos) is not offered by this client',
    `It is what Kafka takes when sasl.mechanism is not set: set it to one of ${legal} that the listener offers.`,
  )
}

function loginModule(text: string | null, mechanism: SaslMechanism): JaasModule {
  if (text === null || text.trim() === '') throw noModule(mechanism)
  const modules = parseJaas(text)
  if (modules.length !== 1) throw invalidSecurity(`sasl.jaas.config names ${modules.length} login modules, a client has one`)
  const module = modules[0] as JaasModule
  const name = module.module.replace(/^.*\./s, '')
  if (mechanismOf[name] === undefined)
    throw invalidSecurity(
      `sasl.jaas.config: ${module.module} is a class of Java that is not known here`,
      `Known are ${Object.keys(mechanismOf).join(', ')}; a cluster behind it may have a listener for one of those.`,
    )
  if ((name === 'OAuthBearerLoginModule') !== (mechanism === 'OAUTHBEARER'))
    throw invalidSecurity(`sasl.jaas.config: ${name} is not for sasl.mechanism=${mechanism}`)
  return module
}

function noModule(mechanism: SaslMechanism): SecurityError {
  const [name, options] = {
    PLAIN: ['plain.PlainLoginModule', ' username="alice" password="…"'],
    'SCRAM-SHA-256': ['scram.ScramLoginModule', ' username="alice" password="…"'],
    'SCRAM-SHA-512': ['scram.ScramLoginModule', ' username="alice" password="…"'],
    OAUTHBEARER: ['oauthbearer.OAuthBearerLoginModule', ''],
  }[mechanism] as [string, string]
  return invalidSecurity(
    `sasl.mechanism=${mechanism} needs sasl.jaas.config, which is not set`,
    `Set sasl.jaas.config=org.apache.kafka.common.security.${name} required${options};`,
  )
}

function option({ options, module }: JaasModule, name: string): string {
  const value = options.get(name)
  if (value === undefined) throw invalidSecurity(`sasl.jaas.config: ${module.replace(/^.*\./s, '')} needs the option ${name}`)
  return value
}
