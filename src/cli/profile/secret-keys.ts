/** `keyring:NAME`, `env:NAME`, `file:PATH`, `command:LINE`: where a secret is, instead of the secret. */
const reference = /^(keyring|env|file|command):([^\n]+)$/
/** The same within a value, as in password="${env:PASSWORD}". */
const embedded = /\$\{(keyring|env|file|command):([^}\n]+)\}/g

export interface SecretReference {
  readonly kind: 'keyring' | 'env' | 'file' | 'command'
  readonly what: string
  /** As it is written. */
  readonly text: string
}

export function referencesIn(value: string): SecretReference[] {
  const whole = reference.exec(value)
  if (whole !== null) return [{ kind: whole[1] as SecretReference['kind'], what: whole[2]!, text: value }]
  return [...value.matchAll(embedded)].map(([text, kind, what]) => ({ kind: kind as SecretReference['kind'], what: what!, text }))
}

/** Settings that hold secrets: Kafka's passwords, by their names. */
export const isSecretKey = (key: string): boolean =>
  /(password|passphrase|secret|credential|jaas\.config|private\.key|keystore\.key|secret\.key|token|user\.info)$/i.test(key) &&
  !/\.(file|path|location)$/i.test(key)

/** The secret that a setting holds as it is; undefined: none. A login module without a password is no secret, its reference neither. */
export function plainSecret(key: string, value: string): string | undefined {
  if (!isSecretKey(key) || value === '') return undefined
  if (/jaas\.config$/i.test(key) && !reference.test(value)) {
    const options = [
      ...value.replace(embedded, '').matchAll(/\b\w*(?:password|secret|key)\w*\s*=\s*(?:"((?:\\.|[^"\\])*)"|'([^']*)'|([^\s;"']+))/gi),
    ]
    return options.map(([, double, single, bare]) => double ?? single ?? bare ?? '').find((text) => text !== '')
  }
  const rest = referencesIn(value).reduce((text, { text: written }) => text.replace(written, ''), value)
  return rest === '' ? undefined : value
}

/** What to do instead of writing a secret down. */
export const hintFor = (name: string): string =>
  `Write keyring:${name}, env:NAME, file:PATH or command:LINE there, or in it: password="\${env:NAME}".`
