import * as Flags from '@oclif/core/flags';
import { afterDashes } from '../cli/after-dashes.js';
import { requiredWord } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { caller, surroundings } from '../cli/environment.js';
import { clusterTitle, nodeTable } from '../cli/table.js';
import { attachTo, targetOf, type AttachView } from '../lifecycle/rules/attach.js';

export default class Attach extends BaseCommand {
  static override summary = "put a program on a cluster's network";
  static override description = `A program that runs in a network namespace of its own, as in a container, gets an interface dbns0 there with an address of the cluster, and no default route; the names of all nodes are written into its /etc/hosts where that is its own. A command after -- is started in a new namespace, as who called sudo, with the directory and environment of the call; its output is in 'dbns logs'.
It reaches the ports for clients, not those where servers meet. It is no member, and never killed but for a command of attach's own. When it has ended nothing of it is left.`;
  static override examples = [
    '<%= config.bin %> attach pxc app --pid 4711',
    '<%= config.bin %> attach pxc app --container app',
    '<%= config.bin %> attach pxc app --netns blue',
    '<%= config.bin %> attach pxc app -- ./run-app --db node1:3306',
    '<%= config.bin %> detach pxc app',
  ];
  static override args = {
    cluster: requiredWord('name of the cluster'),
    name: requiredWord('what it is to be called'),
  };
  static override flags = {
    pid: Flags.string({ summary: 'a process in the network namespace', helpValue: 'PID' }),
    netns: Flags.string({ summary: "a network namespace by its name, as 'ip netns' has it", helpValue: 'NAME' }),
    container: Flags.string({ summary: 'a container of docker or podman', helpValue: 'NAME' }),
    ip: Flags.string({ summary: "its address in the cluster's subnet; a free one when absent", helpValue: 'ADDRESS' }),
    zone: Flags.string({
      summary: "the zone of the cluster's network where it is to be; the first when absent",
      helpValue: 'ZONE',
    }),
  };

  async run(): Promise<AttachView> {
    const { before, after } = afterDashes(this.argv);
    const { args, flags } = await this.parse(Attach, [...before]);
    const [program, ...words] = after;
    const command =
      program === undefined
        ? null
        : { argv: [program, ...words] as const, surroundings: surroundings(), caller: caller() };
    const { pid, netns, container, ip: address, zone } = flags;
    const target = targetOf({ pid, netns, container, command });
    const context = this.interruptible();
    const attached = await attachTo(args.cluster, { name: args.name, target, address, zone }, context);
    this.log([clusterTitle(attached.cluster), nodeTable(attached.cluster), ...attached.notes].join('\n'));
    return attached;
  }
}
