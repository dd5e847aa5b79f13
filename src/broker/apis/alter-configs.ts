import { ConfigResourceTypes } from '../../metadata/index.ts'
import { Apis } from '../../protocol/index.ts'
import { AlterConfigsRequest, AlterConfigsResponse } from '../../protocol/messages/alter-configs.ts'
import { nodeApiHandler } from '../api-handler.ts'
import { alterConfigsWith, brokerNameProblem, brokerTextsProblem, keysProblem, unknownResourceType } from '../config-changes.ts'

/** AlterConfigs, the old one: what is not named is unset. It knows no loggers. The controller decides, after what only this broker can check. */
export const alterConfigs = nodeApiHandler({
  api: Apis.AlterConfigs,
  request: AlterConfigsRequest,
  response: AlterConfigsResponse,
  handle: async ({ resources, validateOnly }, { version, isController, isForwarded }, broker) => {
    if (isController) return broker.controller.decide('AlterConfigs', { resources, validateOnly }, version, isForwarded)
    const responses = await alterConfigsWith(
      resources,
      (resource) => {
        const problem = keysProblem(resource.configs, () => true) ?? unknownResourceType(resource)
        if (problem !== undefined || resource.resourceType !== ConfigResourceTypes.BROKER) return problem
        const texts = new Map(resource.configs.map(({ name, value }) => [name, value!]))
        return brokerNameProblem(resource, broker.nodeId) ?? brokerTextsProblem(broker.config, texts, resource.resourceName)
      },
      async (remaining) => (await broker.controller.decide('AlterConfigs', { resources: remaining, validateOnly }, version)).responses,
    )
    return { responses }
  },
  refuse: (errorCode, errorMessage, { resources }) => ({
    responses: resources.map(({ resourceType, resourceName }) => ({ resourceType, resourceName, errorCode, errorMessage })),
  }),
})
