// A durable quorum queue, published to with publisher confirms: `publish` resolves when the broker has it.

import { once } from "node:events";
import amqp from "amqplib";

export const openBroker = async ({ brokerUrl, queue, ca }) => {
  const connection = await amqp.connect(brokerUrl, { ca: [ca], noDelay: true });
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue(queue, { durable: true, arguments: { "x-queue-type": "quorum" } });

  // A message that reaches no queue comes back before its confirm.
  const returned = new Set();
  channel.on("return", (message) => returned.add(message.properties.messageId));

  return {
    publish: (id, body) =>
      new Promise((resolve, reject) => {
        const properties = { persistent: true, mandatory: true, messageId: id, contentType: "application/json" };
        const confirmed = (error) => {
          if (error || returned.delete(id)) reject(error ?? new Error(`no queue for ${id}`));
          else resolve();
        };
        channel.sendToQueue(queue, Buffer.from(body), properties, confirmed);
      }),
    // A service without its broker can accept nothing: whoever runs it starts it anew.
    lost: once(connection, "close"),
    close: async () => {
      await channel.waitForConfirms();
      await connection.close();
    },
  };
};
