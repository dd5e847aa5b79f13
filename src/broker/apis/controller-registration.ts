import { Apis } from '../../protocol/index.ts'
import { ControllerRegistrationRequest, ControllerRegistrationResponse } from '../../protocol/messages/controller-registration.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** ControllerRegistration (KIP-919): a controller says where it listens and what it can do. */
export const controllerRegistration = nodeApiHandler({
  api: Apis.ControllerRegistration,
  request: ControllerRegistrationRequest,
  response: ControllerRegistrationResponse,
  handle: (request, { version }, broker) => broker.controller.decide('ControllerRegistration', request, version),
  refuse: (errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
