import t from 'tap';
import { threadResourceUsage } from '#src/worker/resource-usage.js';

void t.test('has every field of uv_rusage_t, and the CPU time grows with work', async (t) => {
  const before = threadResourceUsage();
  t.same(Object.keys(before).sort(), [
    'ru_idrss',
    'ru_inblock',
    'ru_isrss',
    'ru_ixrss',
    'ru_majflt',
    'ru_maxrss',
    'ru_minflt',
    'ru_msgrcv',
    'ru_msgsnd',
    'ru_nivcsw',
    'ru_nsignals',
    'ru_nswap',
    'ru_nvcsw',
    'ru_oublock',
    'ru_stime',
    'ru_utime',
  ]);
  t.ok(Object.values(before).every((value) => Number.isFinite(value) && value >= 0));
  const deadline = process.cpuUsage().user + 60_000;
  while (process.cpuUsage().user < deadline) Math.sqrt(deadline);
  t.ok(threadResourceUsage().ru_utime > before.ru_utime, '60 ms of work show');
});
