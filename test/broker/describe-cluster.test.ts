import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeCluster } from '../../src/broker/apis/describe-cluster.ts'
import { METADATA_VERSION, metadataRecord } from '../../src/metadata/index.ts'
import { Errors } from '../../src/protocol/index.ts'
import { ask, asked, fakeParts } from './fake-parts.ts'

test('controllers tell of each other from the level on that has them registered, and refuse below it', async () => {
  const { parts, image } = fakeParts()
  const incarnationId = 'AAAAAAAAAAAAAAAAAAAAAQ'
  const endPoints = [{ name: 'CONTROLLER', host: 'localhost', port: 9093, securityProtocol: 0 }]
  image.replay(metadataRecord('RegisterControllerRecord', 0, { controllerId: 1, incarnationId, endPoints }), 0)
  const request = { includeClusterAuthorizedOperations: false, endpointType: 2, includeFencedBrokers: false }
  const answerAt = async (featureLevel: number) => {
    image.replay(metadataRecord('FeatureLevelRecord', 0, { name: METADATA_VERSION, featureLevel }), 1)
    return ask(describeCluster, request, parts, asked(1, { isController: true }))
  }
  const { errorCode, errorMessage } = await answerAt(14)
  assert.deepEqual(
    [errorCode, errorMessage],
    [Errors.UNSUPPORTED_VERSION, 'Direct-to-controller communication is not supported with the current MetadataVersion.'],
  )
  assert.deepEqual(
    (await answerAt(15)).brokers?.map(({ brokerId }) => brokerId),
    [1],
  )
})
