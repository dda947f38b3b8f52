package dev.syncline.testkit.kill;

import dev.syncline.testkit.kill.KillOracle.Fault;
import java.util.Map;

/**
 * What a series of disturbances of a group has shown. Immutable.
 *
 * @param members how many instances there were at most
 * @param disturbances how many there were of each kind
 * @param joins how often an instance was started beside others that lived
 * @param zombieAttempts see {@link KillOracle#zombieAttempts()}
 * @param zombieEffects see {@link KillOracle#zombieEffects()}
 * @param outages how often what they share was away
 * @param repeatedAfterOutages see {@link KillOracle#repeatedAfterOutages()}
 * @param counts all else; a kill is one of one process
 */
public record MemberReport(
        int members,
        Map<Disturbance, Integer> disturbances,
        int joins,
        long zombieAttempts,
        long zombieEffects,
        int outages,
        long repeatedAfterOutages,
        KillReport counts) {

    public MemberReport {
        disturbances = Map.copyOf(disturbances);
    }

    /** What must not be, and was; empty if all is well. */
    public Map<Fault, Long> faults() {
        return counts.faults();
    }

    /** How often something was done. */
    public int count(Disturbance disturbance) {
        return disturbances.getOrDefault(disturbance, 0);
    }

    /** All that counts, in one line. */
    public String line() {
        return members + " members, " + count(Disturbance.LEAVE) + " leaves, " + joins + " joins, "
                + count(Disturbance.PAUSE) + " pauses (" + zombieAttempts + " attempts beside a successor's, "
                + zombieEffects + " effects after one), "
                + (outages == 0 ? "" : outages + " outages (" + repeatedAfterOutages + " repeated after one), ")
                + counts.line();
    }

    /** Every figure on a line of its own, for people. */
    public String table() {
        StringBuilder table = new StringBuilder();
        KillReport.row(table, "members", members);
        for (Disturbance disturbance : Disturbance.values()) {
            KillReport.row(table, disturbance.text(), count(disturbance));
        }
        KillReport.row(table, "joins", joins);
        KillReport.row(table, "attempts beside a successor", zombieAttempts);
        KillReport.row(table, "effects after a successor", zombieEffects);
        if (outages > 0) {
            KillReport.row(table, "outages", outages);
            KillReport.row(table, "repeated after an outage", repeatedAfterOutages);
        }
        return table + counts.table();
    }
}
