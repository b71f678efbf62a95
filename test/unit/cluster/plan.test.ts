import { expect, test } from 'vitest';
import { resourcesOf, stepsOf, type Plan } from '../../../src/cluster/plan.js';

const plan: Plan = {
  title: 'all',
  sequence: [
    { step: 'a', acts: [], makes: [{ kind: 'netns', name: 'n1' }] },
    {
      parallel: [
        { step: 'b', acts: [], makes: [{ kind: 'directory', path: '/d' }] },
        { sequence: [{ step: 'c', acts: [] }] },
      ],
    },
    { step: 'd', acts: [], makes: [{ kind: 'links', group: 7 }] },
  ],
};

test('stepsOf names the steps as they are written down', () => {
  expect(stepsOf(plan).map(({ step }) => step)).toEqual(['a', 'b', 'c', 'd']);
});

test('resourcesOf names what they make', () => {
  expect(resourcesOf(plan).map(({ kind }) => kind)).toEqual(['netns', 'directory', 'links']);
});
