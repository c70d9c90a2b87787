import t from 'tap';
import { produceData, startGateway, TestClient } from './test-client.js';

t.test('a publisher is told which encodings nobody wants, also after a resume', async (t) => {
  const { url, media, http } = await startGateway(t);
  const anna = await TestClient.join(t, url);
  const data = produceData(anna.joined);
  data.rtpParameters.encodings = [{ rid: 'r0' }, { rid: 'r1' }, { rid: 'r2' }];
  const { producerId } = await anna.client.request('produce', data);
  media.router.producers.get(producerId)!.want([true, false, false]);
  t.strictSame(await anna.client.notification('producerEncodings'), {
    producerId,
    encodings: [true, false, false],
  });
  t.match(await (await fetch(`${http}/metrics`)).text(), /^sluss_encodings_unwanted 2$/m);
  anna.client.socket.terminate();
  await anna.client.closed;
  media.router.producers.get(producerId)!.want([true, true, false]);
  const again = await TestClient.join(t, url, { resumeToken: anna.joined.resumeToken });
  t.match(again.joined.producers, [{ producerId, encodings: [true, true, false] }]);
});

t.test('viewers learn the picture sizes that a sender gave', async (t) => {
  const { url, media, http } = await startGateway(t);
  const anna = await TestClient.join(t, url);
  const bo = await TestClient.join(t, url);
  const videoLayers = [
    { width: 320, height: 180 },
    { width: 640, height: 360 },
  ];
  await anna.client.request('produce', { ...produceData(anna.joined), videoLayers });
  const [consumer] = (await bo.client.notification('newConsumers')).consumers;
  t.strictSame(consumer.videoLayers, videoLayers);
  const huge = { ...produceData(anna.joined), videoLayers: [{ width: 1e6, height: 1 }] };
  await t.rejects(anna.client.request('produce', huge), /videoLayers\[0\]\.width/);

  await bo.client.request('consumerReady', { consumerIds: [consumer.consumerId] });
  media.consumers[0].emit('layerschange', undefined);
  t.match(await (await fetch(`${http}/metrics`)).text(), /^sluss_consumers_starved 1$/m);
});
