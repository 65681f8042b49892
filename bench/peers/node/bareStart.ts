// Node's own start: the CPU time of a process that does nothing.
const { user: userUs, system: systemUs } = process.cpuUsage();
console.log(JSON.stringify({ userUs, systemUs }));
