import { describe } from 'node:test'
import { describeMoves } from '../cli/moves-specification.ts'
import { withoutApache } from './kafka-home.ts'

describe('moves of replicas', { skip: withoutApache }, () => describeMoves('apache'))
