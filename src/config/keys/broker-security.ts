import type { Settings } from '../setting.ts'

/** TLS, principals and authorization. */
// biome-ignore format: a table, one line a key
export const securitySettings = {
  'authorizer.class.name': { type: 'string', default: '', importance: 'low', doc: 'Authorizer class name.' },
  'principal.builder.class': { type: 'class', default: 'org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder', importance: 'medium', update: 'per-broker', doc: 'Principal builder: the name of a Java class; reported, not loaded.' },
  'security.inter.broker.protocol': { type: 'string', default: 'PLAINTEXT', values: ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'], importance: 'medium', doc: 'Security inter broker protocol.' },
  'security.providers': { type: 'string', default: null, importance: 'low', doc: 'Security providers.' },
  'ssl.allow.dn.changes': { type: 'boolean', default: false, importance: 'low', doc: 'Switches on: TLS allow DN changes.' },
  'ssl.allow.san.changes': { type: 'boolean', default: false, importance: 'low', doc: 'Switches on: TLS allow SAN changes.' },
  'ssl.cipher.suites': { type: 'list', default: [], distinct: true, importance: 'medium', update: 'per-broker', doc: 'TLS cipher suites.' },
  'ssl.client.auth': { type: 'string', default: 'none', values: ['required', 'requested', 'none'], importance: 'medium', update: 'per-broker', doc: 'TLS client auth.' },
  'ssl.enabled.protocols': { type: 'list', default: ['TLSv1.2', 'TLSv1.3'], distinct: true, importance: 'medium', update: 'per-broker', doc: 'TLS enabled protocols.' },
  'ssl.endpoint.identification.algorithm': { type: 'string', default: 'https', importance: 'low', update: 'per-broker', doc: 'TLS endpoint identification algorithm.' },
  'ssl.engine.factory.class': { type: 'class', default: null, importance: 'low', update: 'per-broker', doc: 'TLS engine factory: the name of a Java class; reported, not loaded.' },
  'ssl.key.password': { type: 'password', default: null, importance: 'medium', update: 'per-broker', doc: 'TLS key password.' },
  'ssl.keymanager.algorithm': { type: 'string', default: 'SunX509', importance: 'medium', update: 'per-broker', doc: 'TLS keymanager algorithm.' },
  'ssl.keystore.certificate.chain': { type: 'password', default: null, importance: 'medium', update: 'per-broker', doc: 'TLS keystore certificate chain.' },
  'ssl.keystore.key': { type: 'password', default: null, importance: 'medium', update: 'per-broker', doc: 'TLS keystore key.' },
  'ssl.keystore.location': { type: 'string', default: null, importance: 'medium', update: 'per-broker', doc: 'TLS keystore location.' },
  'ssl.keystore.password': { type: 'password', default: null, importance: 'medium', update: 'per-broker', doc: 'TLS keystore password.' },
  'ssl.keystore.type': { type: 'string', default: 'JKS', importance: 'medium', update: 'per-broker', doc: 'TLS keystore type.' },
  'ssl.principal.mapping.rules': { type: 'string', default: 'DEFAULT', importance: 'low', doc: 'TLS principal mapping rules.' },
  'ssl.protocol': { type: 'string', default: 'TLSv1.3', importance: 'medium', update: 'per-broker', doc: 'TLS protocol.' },
  'ssl.provider': { type: 'string', default: null, importance: 'medium', update: 'per-broker', doc: 'TLS provider.' },
  'ssl.secure.random.implementation': { type: 'string', default: null, importance: 'low', update: 'per-broker', doc: 'TLS secure random implementation.' },
  'ssl.trustmanager.algorithm': { type: 'string', default: 'PKIX', importance: 'medium', update: 'per-broker', doc: 'TLS trustmanager algorithm.' },
  'ssl.truststore.certificates': { type: 'password', default: null, importance: 'medium', update: 'per-broker', doc: 'TLS truststore certificates.' },
  'ssl.truststore.location': { type: 'string', default: null, importance: 'medium', update: 'per-broker', doc: 'TLS truststore location.' },
  'ssl.truststore.password': { type: 'password', default: null, importance: 'medium', update: 'per-broker', doc: 'TLS truststore password.' },
  'ssl.truststore.type': { type: 'string', default: 'JKS', importance: 'medium', update: 'per-broker', doc: 'TLS truststore type.' },
} as const satisfies Settings
