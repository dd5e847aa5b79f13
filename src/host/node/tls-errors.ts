import { TlsError, type TlsFault } from '../tls.ts'

const alerts: readonly (readonly [RegExp, TlsFault, string])[] = [
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST|UNKNOWN_PROTOCOL|RECORD_LAYER/, 'not-tls', 'what comes back is no TLS'],
  [
    /CERTIFICATE_REQUIRED|ALERT_(BAD_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|CERTIFICATE_\w+|ACCESS_DENIED)/,
    'identity',
    'the peer wants to know who the client is, by a certificate that it trusts',
  ],
  [
    /HANDSHAKE_FAILURE|PROTOCOL_VERSION|INSUFFICIENT_SECURITY|NO_SHARED|NO_CIPHER/,
    'no-agreement',
    'the peer agrees to nothing that was offered',
  ],
]

/** An error of OpenSSL in words, or undefined for one of the network. */
export function tlsError(error: Error): TlsError | undefined {
  const { code = '' } = error as NodeJS.ErrnoException
  if (code === 'ECONNRESET' && error.message.includes('before secure TLS connection'))
    return new TlsError('closed', 'the peer hung up in the TLS handshake', error)
  if (!/^ERR_(SSL|TLS|OSSL)_/.test(code)) return undefined
  const [, fault, words] = alerts.find(([pattern]) => pattern.test(code)) ?? [undefined, 'other' as const, 'TLS failed']
  return new TlsError(fault, `${words} (${reasonOf(error)})`, error)
}

/** The part that people can read: `…:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:…:` */
export function reasonOf(error: Error): string {
  const { reason } = error as { reason?: unknown }
  return typeof reason === 'string' && reason !== '' ? reason : error.message
}
