#!/usr/bin/env node
import { execute, settings } from '@oclif/core';

// Under NODE_ENV=test or development oclif would look for TypeScript sources: dbns is often called from tests.
settings.enableAutoTranspile = false;

await execute({ dir: import.meta.url });
