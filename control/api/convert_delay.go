package api

import (
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/groovechaos/groovechaos/faults"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func (r *reader) delay(d *pb.Delay) *faults.Delay {
	if d == nil {
		return nil
	}
	delay := &faults.Delay{
		At:    faults.Side(d.GetAt()),
		Fixed: r.optional("delay.fixed", d.GetFixed()),
		Max:   r.duration("delay.max", d.GetMax()),
	}
	if of := d.GetUniform(); of != nil {
		delay.Uniform = &faults.Uniform{
			Min: r.duration("delay.uniform.min", of.GetMin()),
			Max: r.duration("delay.uniform.max", of.GetMax()),
		}
	}
	if of := d.GetNormal(); of != nil {
		delay.Normal = &faults.Normal{
			Mean:   r.duration("delay.normal.mean", of.GetMean()),
			Stddev: r.duration("delay.normal.stddev", of.GetStddev()),
		}
	}
	if of := d.GetLogNormal(); of != nil {
		delay.LogNormal = &faults.LogNormal{
			P50: r.duration("delay.log_normal.p50", of.GetP50()),
			P99: r.duration("delay.log_normal.p99", of.GetP99()),
		}
	}
	if of := d.GetExponential(); of != nil {
		delay.Exponential = &faults.Exponential{Mean: r.duration("delay.exponential.mean", of.GetMean())}
	}
	if of := d.GetPareto(); of != nil {
		delay.Pareto = &faults.Pareto{Min: r.duration("delay.pareto.min", of.GetMin()), Shape: of.GetShape()}
	}
	return delay
}

func delayMessage(d *faults.Delay) *pb.Delay {
	if d == nil {
		return nil
	}
	delay := &pb.Delay{At: string(d.At), Fixed: optional(d.Fixed), Max: duration(d.Max)}
	of := durationpb.New
	if d.Uniform != nil {
		delay.Uniform = &pb.Delay_Uniform{Min: of(d.Uniform.Min), Max: of(d.Uniform.Max)}
	}
	if d.Normal != nil {
		delay.Normal = &pb.Delay_Normal{Mean: of(d.Normal.Mean), Stddev: of(d.Normal.Stddev)}
	}
	if d.LogNormal != nil {
		delay.LogNormal = &pb.Delay_LogNormal{P50: of(d.LogNormal.P50), P99: of(d.LogNormal.P99)}
	}
	if d.Exponential != nil {
		delay.Exponential = &pb.Delay_Exponential{Mean: of(d.Exponential.Mean)}
	}
	if d.Pareto != nil {
		delay.Pareto = &pb.Delay_Pareto{Min: of(d.Pareto.Min), Shape: d.Pareto.Shape}
	}
	return delay
}
