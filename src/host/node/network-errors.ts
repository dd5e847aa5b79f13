import { NetworkError, type NetworkErrorCode } from '../network.ts'
import { tlsError } from './tls-errors.ts'

const codes: ReadonlySet<string> = new Set<NetworkErrorCode>([
  'EADDRINUSE',
  'EACCES',
  'EADDRNOTAVAIL',
  'ENOTFOUND',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'ECANCELED',
])

/** What a failure of a socket, or of TLS on it, is called. */
export function networkError(error: Error): NetworkError {
  // With several addresses for a name, one error per address comes wrapped; the first speaks for all.
  const first = error instanceof AggregateError && error.errors[0] instanceof Error ? (error.errors[0] as Error) : error
  const secure = tlsError(first)
  if (secure !== undefined) return secure
  const code = (first as NodeJS.ErrnoException).code ?? ''
  const known: NetworkErrorCode = codes.has(code)
    ? (code as NetworkErrorCode)
    : code === 'EPIPE'
      ? 'ECONNRESET'
      : code.startsWith('EAI_')
        ? 'ENOTFOUND'
        : 'EIO'
  return new NetworkError(known, first.message, error)
}
