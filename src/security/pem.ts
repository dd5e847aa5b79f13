import { createPrivateKey, X509Certificate } from 'node:crypto'

/** A block of a PEM file, made whole: values of properties files may have lost their line breaks. */
interface PemBlock {
  readonly label: string
  readonly text: string
}

function pemBlocks(text: string): PemBlock[] {
  return [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----/gs)].map(([whole, label, body]) => ({
    label: label as string,
    // The headers of old forms need their lines.
    text: body!.includes(':') ? whole : pemOf(label as string, Buffer.from(body as string, 'base64')),
  }))
}

export function pemOf(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

/** Each certificate as PEM. @throws Error for one that is damaged */
export function certificatesIn(text: string): string[] {
  return pemBlocks(text)
    .filter(({ label }) => label === 'CERTIFICATE' || label === 'X509 CERTIFICATE' || label === 'TRUSTED CERTIFICATE')
    .map((block) => new X509Certificate(block.text).toString())
}

/** Its private keys, as they are written. */
export const privateKeysIn = (text: string): string[] =>
  pemBlocks(text)
    .filter(({ label }) => label.endsWith('PRIVATE KEY'))
    .map((block) => block.text)

export const isEncipheredKey = (pem: string): boolean => pem.includes('ENCRYPTED')

/** In PKCS 8, without a password. @throws Error for a wrong password or a damaged key */
export function openPrivateKey(pem: string, password: string | undefined): string {
  const key = createPrivateKey(password === undefined ? pem : { key: pem, format: 'pem', passphrase: password })
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}
