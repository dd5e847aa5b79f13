import http from 'node:http'
import https from 'node:https'
import type { Http } from '../http.ts'
import { NetworkError } from '../network.ts'
import { networkError } from './network-errors.ts'
import { secureContext } from './tls.ts'

export const nodeHttp: Http = (request) =>
  new Promise((resolve, reject) => {
    const { method, url, headers, body, connectTimeoutMs, readTimeoutMs, bytesMax, tls } = request
    const secure = url.startsWith('https:')
    const options = { method, headers: { ...headers, 'content-length': Buffer.byteLength(body) }, agent: false }
    const security = {
      ...(tls === undefined ? {} : { secureContext: secureContext(tls) }),
      ...(tls?.verifiesHostName === false ? { checkServerIdentity: () => undefined } : {}),
    }
    const ask = secure ? https.request(url, { ...options, ...security }) : http.request(url, options)
    const fail = (error: Error): void => {
      clearTimeout(timer)
      ask.destroy()
      reject(error instanceof NetworkError ? error : networkError(error))
    }
    const timer = setTimeout(() => fail(new NetworkError('ETIMEDOUT', `no connection within ${connectTimeoutMs} ms`)), connectTimeoutMs)
    ask.on('socket', (socket) => socket.once(secure ? 'secureConnect' : 'connect', () => clearTimeout(timer)))
    ask.setTimeout(readTimeoutMs, () => fail(new NetworkError('ETIMEDOUT', `no answer within ${readTimeoutMs} ms`)))
    ask.on('error', fail)
    ask.on('response', (answer) => {
      const chunks: Buffer[] = []
      let bytes = 0
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > bytesMax) fail(new NetworkError('EIO', `the answer is longer than ${bytesMax} bytes`))
        else chunks.push(chunk)
      })
      answer.on('error', fail)
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }))
    })
    ask.end(body)
  })
