import { Apis } from '../../protocol/index.ts'
import { UpdateFeaturesRequest, UpdateFeaturesResponse } from '../../protocol/messages/update-features.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** UpdateFeatures (KIP-584): finalizes feature levels, up or down. */
export const updateFeatures = nodeApiHandler({
  api: Apis.UpdateFeatures,
  request: UpdateFeaturesRequest,
  response: UpdateFeaturesResponse,
  handle: (request, { version }, broker) => broker.controller.decide('UpdateFeatures', request, version),
  refuse: (errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
