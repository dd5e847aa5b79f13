import {
  Apis,
  apiByKey,
  DecodeError,
  Errors,
  inVersions,
  KafkaError,
  Reader,
  read,
  readClientId,
  readHeaderStart,
  responseFrame,
} from '../../protocol/index.ts'
import { EnvelopeRequest, EnvelopeResponse } from '../../protocol/messages/envelope.ts'
import { nodeApiHandler, type RequestContext } from '../api-handler.ts'
import type { NodeParts } from '../parts.ts'

/** Envelope (KIP-590): a broker passes on what a client of it asked; the controller answers as it would the client. */
export const envelope = nodeApiHandler({
  api: Apis.Envelope,
  request: EnvelopeRequest,
  response: EnvelopeResponse,
  handle: async ({ requestData }, outer, node) => {
    const { handler, request, context, correlationId } = opened(requestData, outer, node)
    const { api, version } = context
    const reply = await replyTo(
      () => handler.handle(request, context, node),
      (code, message) => handler.refuse(code, message, request, context),
    )
    if (typeof reply === 'symbol') throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR, `${api.name} has no answer`)
    const frame = Buffer.concat(responseFrame(api, version, correlationId, handler.response, reply) as Buffer[])
    return { responseData: frame.subarray(4), errorCode: Errors.NONE }
  },
  refuse: (errorCode) => ({ errorCode }),
})

/** The request inside, as if it had come by itself. */
const opened = (requestData: Buffer, outer: RequestContext, node: NodeParts) => {
  try {
    const reader = new Reader(requestData)
    const { apiKey, apiVersion, correlationId } = readHeaderStart(reader)
    const api = apiByKey(apiKey)
    const handler = node.controllerHandler(apiKey)
    if (api?.forwardable !== true || handler === undefined) {
      throw new KafkaError(Errors.INVALID_REQUEST, `API key ${apiKey} is not passed on to the controller`)
    }
    const known = inVersions(api.versions, apiVersion) && apiVersion <= api.stableMax
    if (!known) throw new KafkaError(Errors.UNSUPPORTED_VERSION, `${api.name} version ${apiVersion}`)
    const clientId = readClientId(reader, api, apiVersion)
    const context: RequestContext = { ...outer, api, version: apiVersion, clientId, isForwarded: true }
    return { handler, request: read(handler.request, apiVersion, reader), context, correlationId }
  } catch (error) {
    if (error instanceof DecodeError) throw new KafkaError(Errors.INVALID_REQUEST, `the envelope holds no request: ${error.message}`)
    throw error
  }
}

/** An error of the request as a whole is the client's to know, but for that of a controller that is not active: the broker asks another. */
const replyTo = async <R>(handle: () => R | Promise<R>, refuse: (code: number, message: string | null) => R): Promise<R> => {
  try {
    return await handle()
  } catch (error) {
    if (!(error instanceof KafkaError) || error.code === Errors.NOT_CONTROLLER) throw error
    return refuse(error.code, error.message)
  }
}
