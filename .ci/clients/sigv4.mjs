// Calls the simulator with a signature made by the npm package aws4: node sigv4.mjs http://127.0.0.1:8081
import assert from 'node:assert/strict';
import aws4 from 'aws4';

const { host, origin } = new URL(process.argv[2]);
const credentials = { accessKeyId: 'AKIDWICKRSIMULATOR00', secretAccessKey: 'wickr-simulator-demo-secret-access-key00' };

async function toggle({ secret = credentials.secretAccessKey, suspend = true, userIds = ['1'], token, sent } = {}) {
  const path = `/networks/12345678/users/toggleSuspend?suspend=${suspend}`;
  const body = JSON.stringify({ userIds });
  const headers = { 'Content-Type': 'application/json', ...(token && { 'X-Client-Token': token }) };
  const signed = aws4.sign({ host, method: 'PATCH', path, body, headers, service: 'wickr', region: 'us-east-1' }, { ...credentials, secretAccessKey: secret });
  delete signed.headers.Host;
  delete signed.headers['Content-Length'];
  const response = await fetch(origin + path, { method: 'PATCH', headers: signed.headers, body: sent ?? body });
  return { status: response.status, errorType: response.headers.get('x-amzn-errortype'), body: await response.json() };
}

const suspended = await toggle({ userIds: ['1', '999'], token: 'aws4:1' });
assert.equal(suspended.status, 200);
assert.deepEqual(suspended.body.successful, [{ userId: '1' }]);
assert.equal(suspended.body.failed[0].userId, '999');
assert.deepEqual(await toggle({ userIds: ['1', '999'], token: 'aws4:1' }), suspended);
assert.equal((await toggle({ suspend: false, token: 'aws4:1' })).errorType, 'BadRequestError');
assert.equal((await toggle({ secret: 'wrong' })).errorType, 'InvalidSignatureException');
assert.equal((await toggle({ sent: '{"userIds":["2"]}' })).errorType, 'InvalidSignatureException');
assert.equal((await toggle({ userIds: [] })).errorType, 'ValidationError');
console.log('aws4: 6 calls got the expected responses');
