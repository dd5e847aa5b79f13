import { type MatrixCase, toolCases } from './matrix-case.ts'

/** Of tokens themselves: only whoever has authenticated gets one. */
export function delegationTokenCases(server: string): MatrixCase[] {
  const tokens = toolCases(server)('kafka-delegation-tokens')
  const config = { files: { 'empty.properties': '' } }
  const at = (words: string): MatrixCase => tokens.at(`--command-config FOLDER/empty.properties ${words}`.trim(), config)
  return [
    tokens.is('--help'),
    tokens.is(''),
    tokens.is('--version'),
    tokens.is('--frobnicate'),
    tokens.is('--create'),
    tokens.at('--create'),
    at(''),
    at('--create --describe'),
    at('--create'),
    at('--renew'),
    at('--expire --hmac AAAA'),
    at('--create --max-life-time-period -1 --hmac AAAA'),
    at('--describe --hmac AAAA'),
    at('--create --max-life-time-period -1'),
    at('--create --max-life-time-period -1 --renewer-principal User:a --renewer-principal User:b --owner-principal User:c'),
    at('--create --max-life-time-period -1 --renewer-principal a'),
    at('--describe'),
    at('--describe --owner-principal User:a'),
    at('--renew --renew-time-period -1 --hmac AAAA'),
    at('--renew --renew-time-period -1 --hmac A*AA'),
    at('--renew --renew-time-period -1 --hmac AAAAA'),
    at('--expire --expiry-time-period -1 --hmac AAAA'),
    tokens.at('--describe --command-config FOLDER/none.properties'),
  ]
}
