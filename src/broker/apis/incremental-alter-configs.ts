import { loggerLevels } from '../../config/index.ts'
import { type ApiError, apiError } from '../../controller/index.ts'
import { ConfigResourceTypes } from '../../metadata/index.ts'
import { Apis, Errors } from '../../protocol/index.ts'
import { IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse } from '../../protocol/messages/incremental-alter-configs.ts'
import { nodeApiHandler } from '../api-handler.ts'
import {
  alterConfigsWith,
  alteredBrokerTexts,
  brokerNameProblem,
  brokerTextsProblem,
  DONE,
  javaInt,
  type KeyOperation,
  keysProblem,
  Operations,
  unknownResourceType,
} from '../config-changes.ts'
import { type Loggers, ROOT_LOGGER } from '../loggers.ts'
import type { NodeParts } from '../parts.ts'

type Resource = IncrementalAlterConfigsRequest['resources'][number]

/**
 * IncrementalAlterConfigs (KIP-339): sets, unsets, and adds to or takes from lists. Levels of loggers are changed here (KIP-412); settings
 * of brokers are checked here, because only this broker knows what it can do; the rest, and what passed, the controller decides.
 */
export const incrementalAlterConfigs = nodeApiHandler({
  api: Apis.IncrementalAlterConfigs,
  request: IncrementalAlterConfigsRequest,
  response: IncrementalAlterConfigsResponse,
  handle: async ({ resources, validateOnly }, { version, isController, isForwarded }, broker) => ({
    responses: await alterConfigsWith(
      resources,
      (resource) => {
        if (resource.resourceType === ConfigResourceTypes.BROKER_LOGGER) return loggerChange(resource, validateOnly, broker)
        return isController ? undefined : ownProblem(resource, broker)
      },
      async (remaining) =>
        (await broker.controller.decide('IncrementalAlterConfigs', { resources: remaining, validateOnly }, version, isForwarded)).responses,
    ),
  }),
  refuse: (errorCode, errorMessage, { resources }) => ({
    responses: resources.map(({ resourceType, resourceName }) => ({ resourceType, resourceName, errorCode, errorMessage })),
  }),
})

const needsValue = ({ configOperation }: KeyOperation): boolean => configOperation !== Operations.DELETE

const ownProblem = (resource: Resource, { config, image, nodeId }: NodeParts): ApiError | undefined => {
  const problem = keysProblem(resource.configs, needsValue) ?? unknownResourceType(resource)
  if (problem !== undefined || resource.resourceType !== ConfigResourceTypes.BROKER) return problem
  const { resourceName } = resource
  const wrongName = brokerNameProblem(resource, nodeId)
  if (wrongName !== undefined) return wrongName
  const stored = image.configs.of(ConfigResourceTypes.BROKER, resourceName)
  const texts = alteredBrokerTexts(config, stored, resource.configs, resourceName)
  return 'code' in texts ? texts : brokerTextsProblem(config, texts, resourceName)
}

/** All changes of a resource are made, or none. Source: RuntimeLoggerManager. */
const loggerChange = (resource: Resource, validateOnly: boolean, { loggers, nodeId, journal }: NodeParts): ApiError | typeof DONE => {
  const { resourceName, configs } = resource
  const keys = keysProblem(configs, needsValue)
  if (keys !== undefined) return keys
  const id = javaInt(resourceName)
  if (id === undefined) return apiError(Errors.INVALID_REQUEST, `Node id must be an integer, but it is: ${resourceName}`)
  if (id !== nodeId) return apiError(Errors.INVALID_REQUEST, `Unexpected node id. Expected ${nodeId}, but received ${id}`)
  for (const change of configs) {
    const problem = levelProblem(change, loggers)
    if (problem !== undefined) return problem
  }
  if (validateOnly) return DONE
  for (const { name, value, configOperation } of configs) {
    if (configOperation === Operations.SET) loggers.set(name, value!)
    else loggers.unset(name)
    journal.warn('the level of a logger is changed', { logger: name, level: loggers.levelOf(name) })
  }
  return DONE
}

const levelProblem = ({ name, value, configOperation }: KeyOperation, loggers: Loggers): ApiError | undefined => {
  const refused = (what: string): ApiError => apiError(Errors.INVALID_REQUEST, `${what} is not allowed for the BROKER_LOGGER resource`)
  if (configOperation === Operations.APPEND) return refused('APPEND operation')
  if (configOperation === Operations.SUBTRACT) return refused('SUBTRACT operation')
  if (configOperation !== Operations.SET && configOperation !== Operations.DELETE)
    return refused(`Unknown operation type ${configOperation}`)
  if (!loggers.has(name)) return apiError(Errors.INVALID_CONFIG, `Logger ${name} does not exist!`)
  if (configOperation === Operations.DELETE)
    return name === ROOT_LOGGER
      ? apiError(Errors.INVALID_REQUEST, `Removing the log level of the ${ROOT_LOGGER} logger is not allowed`)
      : undefined
  if (loggerLevels.includes(value!)) return undefined
  return apiError(
    Errors.INVALID_CONFIG,
    `Cannot set the log level of ${name} to ${value} as it is not a supported log level. Valid log levels are ${loggerLevels.join(', ')}`,
  )
}
