import path from 'node:path';
import type { Machine } from '../../host/machine.js';
import { ok, problem, unseen, type Check } from './diagnosis.js';
import type { Survey } from './survey.js';

const NAME = 'places';

/** Whether what clusters are made of can be written where it belongs. */
export function checkPlaces({ machine }: Survey): Promise<readonly Check[]> {
  if (!machine.isRoot) return Promise.resolve([unseen(NAME)]);
  const { state, run, netns, netnsEtc, proc } = machine.roots;
  const places = [state, run, netns, netnsEtc];
  const amiss = [
    ...places.flatMap((place) => judgeDirectory(machine, nearest(machine, place))),
    ...judgeWritable(machine, `${proc}/sys/net/ipv4/ip_forward`),
  ];
  return Promise.resolve(amiss.length > 0 ? amiss : [ok(NAME, `${places.join(', ')} and sysctls can be written`)]);
}

function judgeDirectory(machine: Machine, place: string): readonly Check[] {
  if (machine.files.exists(`${place}/.`)) return judgeWritable(machine, place);
  return [problem(NAME, `${place} is not a directory`, [`mv ${place} ${place}.old`])];
}

function judgeWritable({ files }: Machine, place: string): readonly Check[] {
  if (files.isWritable(place)) return [];
  return [problem(NAME, `${place} can't be written`, [`findmnt --target ${place}`, `lsattr -d ${place}`])];
}

/** The place, or the nearest above it that is there. */
export function nearest(machine: Machine, place: string): string {
  return machine.files.exists(place) ? place : nearest(machine, path.dirname(place));
}
