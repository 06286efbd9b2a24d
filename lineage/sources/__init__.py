"""Where metadata comes from: one file per place, each giving a snapshot or part of one."""
